export const id = 773;
export const ids = [773];
export const modules = {

/***/ 9773:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  prepareApp: () => (/* reexport */ prepareApp),
  sendApp: () => (/* reexport */ sendApp)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(6466);
// EXTERNAL MODULE: ./build/protocol/clean-text.js + 1 modules
var clean_text = __webpack_require__(7970);
// EXTERNAL MODULE: ./build/protocol/errors.js
var errors = __webpack_require__(2546);
// EXTERNAL MODULE: ./build/protocol/limits.js
var limits = __webpack_require__(3437);
// EXTERNAL MODULE: ./build/protocol/sizes.js
var sizes = __webpack_require__(9523);
;// CONCATENATED MODULE: ./build/protocol/ids.js
const idPrefixes = {
    run: 'run_',
    job: 'job_',
    lease: 'lse_',
    agent: 'agt_',
    device: 'dev_',
    artifact: 'art_',
    webhook: 'whk_',
    test: 'tst_',
    borrow: 'bor_',
    quarantine: 'qua_',
};
const leaseIdPattern = /^[A-Za-z0-9_-]{8,64}$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@+:-]{0,127}$/;
const packageNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;
const namesPattern = /^[A-Za-z0-9*][A-Za-z0-9._@+:*-]{0,127}$/;
function kindOfId(id) {
    if (id.startsWith(idPrefixes.run))
        return 'run';
    if (id.startsWith(idPrefixes.job))
        return 'job';
    return undefined;
}

;// CONCATENATED MODULE: ./build/client/apps/android-xml.js
const chunkTypes = { strings: 0x0001, xml: 0x0003, startElement: 0x0102, resources: 0x0180 };
const valueTypes = { string: 0x03, decimal: 0x10, hex: 0x11 };
const utf8 = 0x100;
const longestText = 1000;
const attributes = { 16843291: 'versionCode', 16843292: 'versionName' };
function readAndroidXml(manifest) {
    if (manifest.readUInt16LE(0) !== chunkTypes.xml)
        throw new Error('it is not in the binary form');
    let strings = () => undefined;
    let numbers = Buffer.alloc(0);
    for (const chunk of chunksOf(manifest.subarray(manifest.readUInt16LE(2)))) {
        if (chunk.type === chunkTypes.strings)
            strings = stringsOf(chunk);
        if (chunk.type === chunkTypes.resources)
            numbers = chunk.bytes.subarray(chunk.header);
        if (chunk.type !== chunkTypes.startElement)
            continue;
        const name = strings(chunk.bytes.readInt32LE(chunk.header + 4));
        if (name !== 'manifest')
            throw new Error(`it begins with <${name}>`);
        return factsOf(attributesOf(chunk, strings, numbers));
    }
    throw new Error('it has no element');
}
const factsOf = (found) => ({
    packageName: found.get('package'),
    versionName: found.get('versionName'),
    versionCode: found.get('versionCode'),
});
function* chunksOf(bytes) {
    for (let at = 0; at < bytes.length;) {
        const size = bytes.readUInt32LE(at + 4);
        if (size < 8 || at + size > bytes.length)
            throw new Error('it ends early');
        yield {
            type: bytes.readUInt16LE(at),
            header: bytes.readUInt16LE(at + 2),
            bytes: bytes.subarray(at, at + size),
        };
        at += size;
    }
}
function stringsOf({ header, bytes }) {
    const count = bytes.readUInt32LE(8);
    const isUtf8 = (bytes.readUInt32LE(16) & utf8) !== 0;
    const start = bytes.readUInt32LE(20);
    return (index) => {
        if (index < 0 || index >= count)
            return undefined;
        const at = start + bytes.readUInt32LE(header + 4 * index);
        return isUtf8 ? utf8At(bytes, at) : utf16At(bytes, at);
    };
}
function utf8At(bytes, start) {
    const lengthAt = (at) => {
        const first = bytes.readUInt8(at);
        return first < 0x80 ? [first, at + 1] : [((first & 0x7f) << 8) | bytes.readUInt8(at + 1), at + 2];
    };
    const [, second] = lengthAt(start);
    const [length, at] = lengthAt(second);
    return bytes.toString('utf8', at, at + Math.min(length, longestText));
}
function utf16At(bytes, start) {
    const first = bytes.readUInt16LE(start);
    const isLong = first >= 0x8000;
    const length = isLong ? ((first & 0x7fff) << 16) | bytes.readUInt16LE(start + 2) : first;
    const at = start + (isLong ? 4 : 2);
    return bytes.toString('utf16le', at, at + 2 * Math.min(length, longestText));
}
function attributesOf({ header, bytes }, strings, numbers) {
    const start = header + bytes.readUInt16LE(header + 8);
    const size = bytes.readUInt16LE(header + 10);
    const count = bytes.readUInt16LE(header + 12);
    const found = new Map();
    for (let at = start; at < start + size * count; at += size) {
        const index = bytes.readInt32LE(at + 4);
        const number = index >= 0 && 4 * index + 4 <= numbers.length ? numbers.readUInt32LE(4 * index) : 0;
        const name = attributes[number] ?? strings(index);
        const type = bytes.readUInt8(at + 15);
        const data = bytes.readUInt32LE(at + 16);
        const value = shownValue(type, data, strings);
        if (name !== undefined && value !== undefined && !found.has(name))
            found.set(name, value);
    }
    return found;
}
function shownValue(type, data, strings) {
    if (type === valueTypes.string)
        return strings(data);
    return type === valueTypes.decimal || type === valueTypes.hex ? String(data) : undefined;
}

// EXTERNAL MODULE: ./node_modules/yauzl/index.js
var yauzl = __webpack_require__(663);
;// CONCATENATED MODULE: ./build/client/apps/find-manifest.js

const platformOf = (kind) => (kind === 'ipa' ? 'ios' : 'android');
const manifests = [
    ['apk', /^AndroidManifest\.xml$/],
    ['aab', /^base\/manifest\/AndroidManifest\.xml$/],
    ['ipa', /^Payload\/[^/]+\.app\/Info\.plist$/],
];
const mostBytes = 4 * 1024 * 1024;
const mostEntries = 500_000;
async function findManifest(path) {
    const zip = await (0,yauzl/* openPromise */.sO)(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
    try {
        let seen = 0;
        for await (const entry of zip.eachEntry()) {
            const name = entry.fileNameRaw.toString('utf8');
            const kind = manifests.find(([, pattern]) => pattern.test(name))?.[0];
            if (kind !== undefined)
                return { kind, bytes: await readEntry(zip, entry, name) };
            seen += 1;
            if (seen > mostEntries)
                throw new Error(`it lists more than ${mostEntries} files`);
        }
        return undefined;
    }
    finally {
        zip.close();
    }
}
async function readEntry(zip, entry, name) {
    if (entry.uncompressedSize > mostBytes)
        throw new Error(`its ${name} has more than ${mostBytes} bytes`);
    const chunks = [];
    for await (const chunk of await zip.openReadStreamPromise(entry))
        chunks.push(chunk);
    return Buffer.concat(chunks);
}

;// CONCATENATED MODULE: ./build/client/apps/info-plist.js
function readInfoPlist(plist) {
    const isBinary = plist.toString('latin1', 0, 8) === 'bplist00';
    const found = isBinary ? readBinary(plist) : readXml(plist.toString('utf8'));
    return {
        packageName: found.get(names.packageName),
        versionName: found.get(names.versionName),
        versionCode: found.get(names.versionCode),
    };
}
const names = {
    packageName: 'CFBundleIdentifier',
    versionName: 'CFBundleShortVersionString',
    versionCode: 'CFBundleVersion',
};
const wanted = new Set(Object.values(names));
const types = { ascii: 0x5, utf16: 0x6, dictionary: 0xd };
const trailerBytes = 32;
function readBinary(plist) {
    const trailer = plist.subarray(plist.length - trailerBytes);
    const offsetBytes = trailer.readUInt8(6);
    const refBytes = trailer.readUInt8(7);
    const top = Number(trailer.readBigUInt64BE(16));
    const table = Number(trailer.readBigUInt64BE(24));
    const numberAt = (at, bytes) => {
        if (bytes < 1 || bytes > 6)
            throw new Error(`it has numbers of ${bytes} bytes`);
        return plist.readUIntBE(at, bytes);
    };
    const objectAt = (ref) => objectOf(plist, numberAt(table + ref * offsetBytes, offsetBytes));
    const dictionary = objectAt(top);
    if (dictionary.type !== types.dictionary)
        throw new Error('it is no dictionary');
    const found = new Map();
    for (let n = 0; n < dictionary.count; n += 1) {
        const refAt = (place) => numberAt(dictionary.at + place * refBytes, refBytes);
        const key = textOf(plist, objectAt(refAt(n)));
        if (key === undefined || !wanted.has(key))
            continue;
        const value = textOf(plist, objectAt(refAt(dictionary.count + n)));
        if (value !== undefined)
            found.set(key, value);
    }
    return found;
}
function objectOf(plist, start) {
    const marker = plist.readUInt8(start);
    const [type, low] = [marker >> 4, marker & 0xf];
    if (low !== 0xf)
        return { type, count: low, at: start + 1 };
    const bytes = 1 << (plist.readUInt8(start + 1) & 0xf);
    if (bytes > 4)
        throw new Error('it has a part that is too large');
    return { type, count: plist.readUIntBE(start + 2, bytes), at: start + 2 + bytes };
}
const info_plist_longestText = 500;
function textOf(plist, { type, count, at }) {
    if ((type !== types.ascii && type !== types.utf16) || count > info_plist_longestText)
        return undefined;
    const end = at + (type === types.utf16 ? 2 * count : count);
    if (end > plist.length)
        throw new Error('it ends early');
    if (type === types.ascii)
        return plist.toString('latin1', at, end);
    return Buffer.from(plist.subarray(at, end)).swap16().toString('utf16le');
}
function readXml(text) {
    const found = new Map();
    let depth = 0;
    let key = '';
    let isPlist = false;
    for (const { tag, after } of tagsOf(text)) {
        const [, slash, name] = /^(\/?)([A-Za-z]+)/.exec(tag) ?? [];
        if (name === undefined)
            continue;
        isPlist ||= name === 'plist';
        if (slash === '' && depth === 2) {
            if (name === 'string' && wanted.has(key))
                found.set(key, decode(after));
            key = name === 'key' ? decode(after) : '';
        }
        if (!tag.endsWith('/'))
            depth += slash === '' ? 1 : -1;
    }
    if (!isPlist || depth !== 0)
        throw new Error('it is no whole property list');
    return found;
}
function* tagsOf(text) {
    for (let start = text.indexOf('<'); start >= 0;) {
        const end = text.indexOf(text.startsWith('<!--', start) ? '-->' : '>', start + 1);
        if (end < 0)
            throw new Error('it ends early');
        const next = text.indexOf('<', end);
        const after = text.slice(end + 1, next < 0 ? text.length : next);
        yield { tag: text.slice(start + 1, end), after: after.slice(0, info_plist_longestText) };
        start = next;
    }
}
const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const decode = (text) => text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name) => entities[name] ?? whole);

;// CONCATENATED MODULE: ./build/client/apps/proto-xml.js
const ofNode = { element: 1 };
const ofElement = { name: 3, attribute: 4 };
const ofAttribute = { name: 2, value: 3 };
const wire = { number: 0, eight: 1, bytes: 2, four: 5 };
function readProtoXml(manifest) {
    const [element] = fieldsOf(manifest, ofNode.element);
    if (element === undefined)
        throw new Error('it has no element');
    const name = proto_xml_textOf(element, ofElement.name);
    if (name !== 'manifest')
        throw new Error(`it begins with <${name}>`);
    const found = new Map([...fieldsOf(element, ofElement.attribute)].map((attribute) => [
        proto_xml_textOf(attribute, ofAttribute.name),
        proto_xml_textOf(attribute, ofAttribute.value),
    ]));
    return {
        packageName: textOrNone(found.get('package')),
        versionName: textOrNone(found.get('versionName')),
        versionCode: textOrNone(found.get('versionCode')),
    };
}
const textOrNone = (text) => text === undefined || text === '' || text.startsWith('@') ? undefined : text;
function proto_xml_textOf(message, field) {
    return [...fieldsOf(message, field)].at(-1)?.toString('utf8');
}
function* fieldsOf(message, wanted) {
    let at = 0;
    while (at < message.length) {
        const [key, start] = numberAt(message, at);
        const [length, from] = lengthOf(message, key & 7, start);
        if (from + length > message.length)
            throw new Error('it ends early');
        if (key >>> 3 === wanted && (key & 7) === wire.bytes)
            yield message.subarray(from, from + length);
        at = from + length;
    }
}
function lengthOf(message, type, at) {
    if (type === wire.number)
        return [numberAt(message, at)[1] - at, at];
    if (type === wire.eight)
        return [8, at];
    if (type === wire.four)
        return [4, at];
    if (type === wire.bytes)
        return numberAt(message, at);
    throw new Error(`it has a value of the unknown type ${type}`);
}
function numberAt(message, start) {
    let number = 0;
    for (let n = 0; n < 10; n += 1) {
        const byte = message.readUInt8(start + n);
        number += (byte & 0x7f) * 2 ** (7 * n);
        if (byte < 0x80)
            return [number, start + n + 1];
    }
    throw new Error('it has a number of more than ten bytes');
}

;// CONCATENATED MODULE: ./build/client/apps/read-app.js







const readers = {
    apk: readAndroidXml,
    aab: readProtoXml,
    ipa: readInfoPlist,
};
async function readApp(path) {
    const manifest = await findManifest(path).catch((error) => {
        throw refusal(path, endless.test(error.message) ? cutShort : error.message);
    });
    if (manifest === undefined)
        throw refusal(path, 'it is a zip without the manifest of one');
    return { kind: manifest.kind, ...readFacts(path, manifest) };
}
const endless = /end of central directory/i;
const cutShort = 'it is no zip file, or its end is missing; build or copy it anew, or name another file';
function readFacts(path, { kind, bytes }) {
    try {
        const { packageName, ...facts } = readers[kind](bytes);
        if (!isPackageName(packageName))
            throw new Error('it names no package');
        return { packageName, ...facts };
    }
    catch (error) {
        throw refusal(path, `its manifest is damaged: ${error.message}`, error);
    }
}
const isPackageName = (text) => text !== undefined && packageNamePattern.test(text);
const refusal = (path, why, cause) => new errors/* QgjobError */.oc('invalid', `${(0,clean_text/* oneLine */.TN)(path)} is no whole APK, AAB or IPA: ${(0,clean_text/* oneLine */.TN)(why)}`, { cause });

;// CONCATENATED MODULE: ./build/client/apps/prepare-app.js









async function prepareApp(path) {
    const found = await (0,promises_.stat)(path).catch((error) => {
        const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
        throw new errors/* QgjobError */.oc('invalid', `${(0,clean_text/* oneLine */.TN)(path)} cannot be read: ${(0,clean_text/* oneLine */.TN)(why)}`, { cause: error });
    });
    if (!found.isFile())
        throw new errors/* QgjobError */.oc('invalid', `${(0,clean_text/* oneLine */.TN)(path)} is not a file`);
    if (found.size > limits/* limits */.F.appBytes)
        throw new errors/* QgjobError */.oc('too_large', `${(0,clean_text/* oneLine */.TN)(path)} has ${(0,sizes/* formatBytes */.z)(found.size)}; an app may have ${(0,sizes/* formatBytes */.z)(limits/* limits */.F.appBytes)}`);
    const read = await readApp(path);
    const blob = await (0,external_node_fs_.openAsBlob)(path);
    return { ...read, path, blob, sha256: await hashOf(path) };
}
const pieceBytes = 1024 * 1024;
async function hashOf(path) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(path, { highWaterMark: pieceBytes }), hash);
    return hash.digest('hex');
}
const changed = (path, cause) => new errors/* QgjobError */.oc('invalid', `${(0,clean_text/* oneLine */.TN)(path)} changed while it was read; try again`, { cause });

// EXTERNAL MODULE: ./build/client/direct/send-direct.js
var send_direct = __webpack_require__(1398);
// EXTERNAL MODULE: ./build/client/index.js + 25 modules
var build_client = __webpack_require__(6288);
// EXTERNAL MODULE: ./build/client/stall.js
var client_stall = __webpack_require__(6036);
;// CONCATENATED MODULE: ./build/client/apps/send-app.js





const uploadMs = 3_600_000;
const stallMs = 120_000;
const mostCuts = 3;
async function sendApp(client, app, { orgId, appVersionId, url, signal, onProgress }) {
    const named = {
        params: { id: appVersionId },
        query: orgId === undefined ? {} : { org_id: orgId },
    };
    const body = {
        platform: platformOf(app.kind),
        package_name: app.packageName,
        sha256: app.sha256,
        ...(url !== undefined && { url }),
    };
    const known = await client.call('registerAppVersion', { ...named, body, signal });
    if (known.size !== null)
        return { appVersion: known, isNew: false };
    const appVersion = await upload(client, app, { ...named, signal, onProgress });
    return { appVersion, isNew: true };
}
async function upload(client, { path, blob, sha256 }, { signal, onProgress, ...named }) {
    const stall = new client_stall/* Stall */.J(stallMs, client.url);
    let sent = 0;
    let cuts = 0;
    let broken;
    const stream = () => {
        sent = 0;
        return counted(blob, {
            onChunk: (bytes) => {
                sent += bytes;
                stall.restart();
                onProgress?.(sent, blob.size);
            },
            onError: (error) => {
                broken = error;
            },
        });
    };
    const isWaitedOut = () => {
        if (sent === 0)
            return false;
        cuts += 1;
        return cuts < mostCuts;
    };
    const isRetryable = (error) => broken === undefined && (0,build_client/* isRetryable */.r3)(error);
    const body = { size: blob.size, stream };
    const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
    const facts = { ...named, body: { size: blob.size, sha256 }, signal };
    try {
        const sent = await (0,send_direct/* sendDirect */.E)(client.direct, {
            ...{ body, signal: either },
            plan: () => client.with({ forMs: 0 }).call('openAppUpload', facts),
            complete: () => client.call('completeAppUpload', { ...facts, timeoutMs: uploadMs }),
        });
        if (sent.way === 'address')
            return sent.answer;
        if (broken !== undefined)
            throw broken;
        if (sent.way === 'nothing')
            return await client.call('getAppVersion', { ...named, signal });
        stall.restart();
        return await client.with({ isWaitedOut, isRetryable }).call('uploadAppFile', {
            ...{ ...named, body, signal: either, timeoutMs: uploadMs },
        });
    }
    catch (error) {
        throw broken === undefined ? error : changed(path, broken);
    }
    finally {
        stall.clear();
    }
}
function counted(blob, { onChunk, onError }) {
    const chunks = blob.stream().values();
    return new ReadableStream({
        async pull(controller) {
            try {
                const { value, done } = await chunks.next();
                if (done)
                    return controller.close();
                onChunk(value.length);
                controller.enqueue(value);
            }
            catch (error) {
                onError(error);
                controller.error(error);
            }
        },
        cancel: async () => void (await chunks.return?.()),
    }, { highWaterMark: 0 });
}

;// CONCATENATED MODULE: ./build/action/submit/app-file.js




/***/ })

};
