/** An object, as a list of a bucket shows it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  /** Epoch ms. */
  readonly changedAt: number;
}

/** A page of a list. */
export interface Listing {
  readonly objects: readonly ListedObject[];
  /** What keys begin with up to the delimiter, where one was asked for. */
  readonly prefixes: readonly string[];
  /** What asks for the next page; undefined at the end. */
  readonly next?: { readonly 'continuation-token': string } | { readonly 'start-after': string };
}

/**
 * Reads the answer to ListObjectsV2. The names of our objects hold nothing that XML would escape, so that objects with
 * other names, which are not ours, may be read wrongly: nobody looks for them.
 */
export function readListing(xml: string): Listing {
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, inner = '']) => ({
    key: field(inner, 'Key'),
    size: Number(field(inner, 'Size')),
    changedAt: Date.parse(field(inner, 'LastModified')),
  }));
  const prefixes = [...xml.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)].map(([, inner = '']) =>
    field(inner, 'Prefix'),
  );
  if (field(xml, 'IsTruncated') !== 'true') return { objects, prefixes };
  const token = field(xml, 'NextContinuationToken');
  const last = [objects.at(-1)?.key ?? '', prefixes.at(-1) ?? ''].sort().at(-1) ?? '';
  const next = token === '' ? { 'start-after': last } : { 'continuation-token': token };
  return { objects, prefixes, next };
}

const field = (xml: string, name: string): string =>
  unescapeXml(new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '');

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(
      Math.min(0x10ffff, Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10)),
    );
  });
