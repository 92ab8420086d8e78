import { type FileRefused, refuseFile } from '../file-refusal.js';
import { CHUNK_BYTES } from '../limits.js';
import { bytesOf, type OpenFile } from '../open-file.js';

/** The stream in which Office keeps an encrypted workbook, as its name stands in the file. */
const ENCRYPTED = Buffer.from('EncryptedPackage', 'utf16le');

/**
 * Files of the old Office container: an encrypted workbook, or a workbook (or document) of before
 * 2007.
 */
export async function compoundFileRefusal(file: OpenFile): Promise<FileRefused> {
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of bytesOf(file, 0, CHUNK_BYTES)) {
    const joined = Buffer.concat([tail, chunk]);
    if (joined.includes(ENCRYPTED)) {
      return refuseFile('encrypted-workbook', '工作簿已加密，请解密后报送');
    }
    tail = joined.subarray(-ENCRYPTED.length);
  }
  return refuseFile('old-excel', '这是旧版 Excel 文件（.xls），请另存为 XLSX 或 CSV');
}
