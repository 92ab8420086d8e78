import { SaxesParser } from 'saxes';
import { FileRefused, refuseFile } from '../file-refusal.js';
import { XML_TOKEN_MAX } from '../limits.js';

/** What a reader of a part wants to hear; names come without their prefix. */
export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text?(text: string): void;
}

/** No part of a workbook nests deeper than a dozen. */
const DEPTH_MAX = 64;
const SLICE = 64 * 1024;

const damaged = (): FileRefused => refuseFile('not-xlsx', '工作簿的内部结构已损坏');

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

type Decoder = InstanceType<typeof TextDecoder>;

function decoderOf(chunk: Buffer): Decoder {
  const isLittle = chunk[0] === 0xff && chunk[1] === 0xfe;
  const isBig = chunk[0] === 0xfe && chunk[1] === 0xff;
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true });
}

/**
 * Parses one XML part chunk by chunk; yields after each, so that a reader can hand out what it has
 * gathered. Knows no entities but XML's own and no DTD, and holds no more than one tag or one text
 * of {@link XML_TOKEN_MAX}.
 *
 * @throws FileRefused not-xlsx
 */
export async function* parseXml(
  chunks: AsyncIterable<Buffer>,
  handlers: XmlHandlers,
): AsyncGenerator<void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({
    xmlns: false,
    position: false,
  });
  let depth = 0;
  let sinceToken = 0;
  parser.on('error', () => {
    throw damaged();
  });
  parser.on('doctype', () => {
    throw damaged();
  });
  parser.on('opentag', ({ name, attributes }) => {
    sinceToken = 0;
    depth += 1;
    if (depth > DEPTH_MAX) throw damaged();
    handlers.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    sinceToken = 0;
    depth -= 1;
    handlers.close(localName(name));
  });
  const onText = handlers.text?.bind(handlers);
  if (onText) {
    parser.on('text', onText);
    parser.on('cdata', onText);
  }
  let decoder: Decoder | null = null;
  const feed = (text: string): void => {
    for (let from = 0; from < text.length; from += SLICE) {
      const slice = text.slice(from, from + SLICE);
      sinceToken += slice.length;
      if (sinceToken > XML_TOKEN_MAX + SLICE) throw damaged();
      parser.write(slice);
    }
  };
  for await (const chunk of chunks) {
    decoder ??= decoderOf(chunk);
    feed(decode(decoder, chunk));
    yield;
  }
  feed(decoder ? decode(decoder, null) : '');
  parser.close();
  yield;
}

function decode(decoder: Decoder, chunk: Buffer | null): string {
  try {
    return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw damaged();
  }
}

/** Parses a part that is in memory. */
export async function parseWhole(bytes: Buffer, handlers: XmlHandlers): Promise<void> {
  for await (const _ of parseXml(one(bytes), handlers));
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
