import { PlanFiles, type PlanFile } from './plan-files.js';
import { type PlanSize, planSteps } from './plan-rows.js';

export interface GenerateOptions extends PlanSize {
  /** Made when it is missing; must hold no CSV file. */
  readonly outDir: string;
  /** Called each time a few megabytes are written. */
  readonly onProgress?: (progress: GenerateProgress) => void;
}

export interface GenerateProgress {
  /** Rows written so far, of all kinds, and of payments alone. */
  readonly rows: number;
  readonly payments: number;
  readonly paymentsTotal: number;
}

export interface GeneratedPlan {
  /** In order of import, which is also the order of their names. */
  readonly files: readonly PlanFile[];
  readonly rows: number;
  readonly payments: number;
}

/**
 * Writes a three-year plan as files of contract §2 (CSV, UTF-8 with BOM, Chinese headers): byte for byte the same for
 * the same seed and number of payments. Imported in the order of their names by a maker and a checker of 000000, no row
 * is refused.
 *
 * A payment is worth 8,000 yuan on average, so ten million of them are the plan's 800 亿元 in 111 counties, and fewer
 * are a model to scale, in fewer counties (one per 500 payments). Memory stays below 300 MB, whatever the size.
 *
 * All people, companies and accounts are made up (`identities.ts`).
 *
 * @throws RangeError when seed or size are out of range; Error when the folder holds CSV files
 */
export async function generatePlan(options: GenerateOptions): Promise<GeneratedPlan> {
  const { seed, payments: paymentsTotal, outDir, onProgress } = options;
  const files = await PlanFiles.inFolder(outDir);
  let rows = 0;
  let payments = 0;
  try {
    const steps = planSteps({ seed, payments: paymentsTotal }, (file, cells) => {
      rows += 1;
      if (file === 'payments' || file === 'payments-again') payments += 1;
      files.write(file, cells);
    });
    for (const _ of steps) {
      if (!files.isFull) continue;
      await files.flush();
      onProgress?.({ rows, payments, paymentsTotal });
    }
    const written = await files.close();
    onProgress?.({ rows, payments, paymentsTotal });
    return { files: written, rows, payments };
  } catch (error) {
    await files.abandon();
    throw error;
  }
}
