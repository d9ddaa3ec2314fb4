// The transparency log as a reader checks it: RFC 6962 tree, C2SP tiles and signed notes, receipts. It trusts nothing that the
// server says but the key it is told to expect. No dependency; hashes and signatures by WebCrypto.

const utf8 = new TextEncoder()
const TILE = 256

export const base64 = bytes => btoa(String.fromCharCode(...bytes))
export const unbase64 = text => Uint8Array.from(atob(text), c => c.charCodeAt(0))
export const hex = bytes => Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('')
export const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i])

const join = (...parts) => {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const unhex = text => Uint8Array.from(text.match(/../g) ?? [], pair => parseInt(pair, 16))

const sha256 = async bytes => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
export const leafHash = leaf => sha256(join([0], leaf))
export const nodeHash = (left, right) => sha256(join([1], left, right))

/** A verifier key `name+key id+base64(0x01 ‖ public key)`. */
export async function parseKey(text) {
  const [, name, id, encoded] = text.trim().match(/^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/) ?? []
  if (!name) throw new Error('The log’s key is not written as a key is.')
  const key = unbase64(encoded)
  const expected = (await sha256(join(utf8.encode(`${name}\n`), key))).slice(0, 4)
  if (key[0] !== 1 || key.length !== 33 || hex(expected) !== id) throw new Error('The log’s key is not written as a key is.')
  return { name, id: expected, bytes: key.slice(1), text: text.trim() }
}

/** The checkpoint in a note, and whether its signature by this key is good; `signed` is null where the browser has no Ed25519. */
export async function openCheckpoint(note, key) {
  const end = note.lastIndexOf('\n\n')
  const text = note.slice(0, end + 1)
  const [origin, size, root] = text.split('\n')
  if (end < 0 || origin !== key.name || !/^(0|[1-9]\d*)$/.test(size) || unbase64(root).length !== 32) throw new Error('The checkpoint is not written as one is.')
  const lines = note.slice(end + 2).split('\n').filter(Boolean).map(line => line.split(' '))
  const witnesses = lines.filter(([dash, name]) => dash === '—' && name !== key.name).length
  return { origin, size: Number(size), root: unbase64(root), note, witnesses, signed: await verifyNote(text, lines, key) }
}

/**
 * Whether the notes lead from a key that is known to the one in force: each key names the next, and both sign. 'led'; 'missing', where no
 * note names the next; 'forged', where one does that they did not both sign; 'unchecked', where the browser has no Ed25519.
 */
export async function followHandovers(notes, known, inForce) {
  const parts = notes.split('\n\n')
  let stopped = 'missing'
  for (let key = known, steps = 0; steps <= parts.length; steps++) {
    if (key.text === inForce.text) return 'led'
    let next = null
    for (let i = 0; i + 1 < parts.length && !next; i += 2) {
      const [origin, heading, old, named, ...more] = parts[i].split('\n')
      if (origin !== key.name || heading !== 'key hand-over v1' || old !== key.text || more.length) continue
      const lines = parts[i + 1].split('\n').filter(Boolean).map(line => line.split(' '))
      const candidate = await parseKey(named)
      const signed = [await verifyNote(`${parts[i]}\n`, lines, key), await verifyNote(`${parts[i]}\n`, lines, candidate)]
      if (signed.includes(null)) return 'unchecked'
      if (candidate.name === origin && signed.every(Boolean)) next = candidate
      else stopped = 'forged'
    }
    if (!next) return stopped
    key = next
  }
  return 'missing'
}

async function verifyNote(text, lines, key) {
  let imported
  try {
    imported = await crypto.subtle.importKey('raw', key.bytes, 'Ed25519', false, ['verify'])
  } catch {
    return null
  }
  for (const [dash, name, encoded] of lines) {
    const blob = dash === '—' && name === key.name && encoded ? unbase64(encoded) : []
    if (blob.length === 68 && same(blob.slice(0, 4), key.id) && await crypto.subtle.verify('Ed25519', imported, blob.slice(4), utf8.encode(text))) return true
  }
  return false
}

/**
 * A C2SP tlog-proof: a leaf, its place, the hashes beside its way to the root, and the signed checkpoint that has this root. A worker's own has
 * before it what opens the entry: whose it is and, from version 2 on, the lines of the facts.
 */
export function readReceipt(text) {
  if (!text.startsWith('marketplace/receipt@v1\n')) return readProof(text)
  const cut = text.indexOf('\n\n')
  const [, worker, key, salt, ...facts] = text.slice(0, Math.max(0, cut)).split('\n')
  if (!worker?.startsWith('worker ') || !key?.startsWith('entry-key ') || !salt?.startsWith('salt ')) throw new Error('The receipt is not written as one is.')
  const opening = { worker: worker.slice(7), key: key.slice(10), salt: unbase64(salt.slice(5)), facts: facts.map(line => `${line}\n`).join('') }
  return { ...readProof(text.slice(cut + 2)), opening, facts: facts.length ? readFacts(opening.facts) : null }
}

function readProof(text) {
  const end = text.indexOf('\n\n')
  const [type, extra, index, ...proof] = text.slice(0, Math.max(0, end)).split('\n')
  if (type !== 'c2sp.org/tlog-proof@v1' || !extra?.startsWith('extra ') || !/^index (0|[1-9]\d*)$/.test(index)) throw new Error('The receipt is not written as one is.')
  return { leaf: unbase64(extra.slice(6)), index: Number(index.slice(6)), proof: proof.map(unbase64), note: text.slice(end + 2) }
}

/** The root that a leaf leads to by an inclusion proof (RFC 9162, 2.1.3.2); empty where the proof is not one for that place and size. */
export async function rootFromProof(leaf, index, size, proof) {
  const path = index < size ? inclusionPath(index, size) : []
  if (index >= size || path.length !== proof.length) return new Uint8Array()
  let hash = await leafHash(leaf)
  for (const [i, { onTheLeft }] of path.entries()) hash = onTheLeft ? await nodeHash(proof[i], hash) : await nodeHash(hash, proof[i])
  return hash
}

/** What credited time followed from, of its five lines. */
function readFacts(text) {
  const [, active, allowanceLeft, first, unseen, wall] =
    text.match(/^active=(0|[1-9]\d*)\nallowance-left=(0|[1-9]\d*)\nfirst-of-job=([01])\nunseen=(0|[1-9]\d*)\nwall=(0|[1-9]\d*)\n$/) ?? []
  if (wall === undefined) throw new Error('The facts in the receipt are not written as they should be.')
  return { active: BigInt(active), allowanceLeft: BigInt(allowanceLeft), first: first === '1', unseen: BigInt(unseen), wall: BigInt(wall) }
}

/** What the public entry says instead of the facts: SHA-256(salt ‖ 0x01 ‖ facts), in hex. */
export const factsCommitment = async (salt, facts) => hex(await sha256(join(salt, [1], utf8.encode(facts))))

/** What the public entry says instead of a worker: SHA-256(salt ‖ 0x00 ‖ worker id ‖ natural key), in hex. */
export const commitment = async (salt, worker, key) => hex(await sha256(join(unhex(salt), [0], unhex(worker.replaceAll('-', '')), utf8.encode(key))))

/** Cuts a range of more than one leaf at the largest power of two below its length. */
const split = ([start, end]) => {
  let k = 1
  while (2 * k < end - start) k *= 2
  return [[start, start + k], [start + k, end]]
}

/** PATH(m, D[n]): the ranges beside the way from a leaf to the root, from the leaf up. */
export function inclusionPath(index, size) {
  const path = []
  let range = [0, size]
  while (range[1] - range[0] > 1) {
    const [left, right] = split(range)
    const inLeft = index < left[1]
    path.unshift({ range: inLeft ? right : left, onTheLeft: !inLeft })
    range = inLeft ? left : right
  }
  return path
}

/** MTH of hashes of leaves. */
async function rootOf(hashes) {
  if (hashes.length === 0) return sha256(new Uint8Array())
  if (hashes.length === 1) return hashes[0]
  const [[, cut]] = split([0, hashes.length])
  const [left, right] = await Promise.all([rootOf(hashes.slice(0, cut)), rootOf(hashes.slice(cut))])
  return nodeHash(left, right)
}

/** The tree of one size, over tiles that are fetched when they are needed and kept. */
export class Tree {
  #tiles = new Map()

  constructor(size, get) {
    this.size = size
    this.get = get
  }

  /** MTH of a range of leaves. */
  async root([start, end]) {
    const count = end - start
    if (count === 0) return sha256(new Uint8Array())
    const level = Math.log2(count)
    if (Number.isInteger(level) && start % count === 0) return this.#node(level, start / count)
    const [left, right] = split([start, end])
    return nodeHash(await this.root(left), await this.root(right))
  }

  /** The root that a leaf of these bytes leads to at this index. */
  async rootFrom(leaf, index) {
    let hash = await leafHash(leaf)
    for (const { range, onTheLeft } of inclusionPath(index, this.size)) {
      const beside = await this.root(range)
      hash = onTheLeft ? await nodeHash(beside, hash) : await nodeHash(hash, beside)
    }
    return hash
  }

  /** The leaf at an index, out of its bundle. */
  async leaf(index) {
    const bundle = await this.#tile('entries', Math.floor(index / TILE), this.size)
    let at = 0
    for (let i = index % TILE; ; i--) {
      const length = bundle[at] * 256 + bundle[at + 1]
      if (!(length > 0)) throw new Error(`Leaf ${index} is missing.`)
      if (i === 0) return bundle.slice(at + 2, at + 2 + length)
      at += 2 + length
    }
  }

  /** All leaves, each hashed on its way: they are all that was signed, or this throws. */
  async leaves() {
    const leaves = []
    const hashes = []
    for (let index = 0; index * TILE < this.size; index++) {
      const bundle = await this.#tile('entries', index, this.size)
      const here = []
      for (let at = 0; at < bundle.length;) {
        const length = bundle[at] * 256 + bundle[at + 1]
        here.push(bundle.slice(at + 2, at + 2 + length))
        at += 2 + length
      }
      hashes.push(...await Promise.all(here.map(leafHash)))
      leaves.push(...here)
    }
    if (leaves.length !== this.size || !same(await rootOf(hashes), await this.root([0, this.size]))) throw new Error('The entries do not lead to the signed root.')
    return leaves
  }

  async #node(level, index) {
    const within = level % 8
    const first = index * 2 ** within
    const tileLevel = Math.floor(level / 8)
    const tile = await this.#tile(tileLevel, Math.floor(first / TILE), Math.floor(this.size / TILE ** tileLevel))
    let hashes = Array.from({ length: 2 ** within }, (_, i) => {
      const at = 32 * (first % TILE + i)
      return tile.slice(at, at + 32)
    })
    if (hashes.some(h => h.length !== 32)) throw new Error('A tile is shorter than the checkpoint says.')
    while (hashes.length > 1) hashes = await Promise.all(hashes.filter((_, i) => i % 2 === 0).map((left, i) => nodeHash(left, hashes[2 * i + 1])))
    return hashes[0]
  }

  #tile(level, index, count) {
    const width = Math.min(TILE, count - index * TILE)
    const path = tilePath(level, index, width)
    if (!this.#tiles.has(path)) this.#tiles.set(path, this.get(path))
    return this.#tiles.get(path)
  }
}

/** The address of a tile below `/log/`. */
export function tilePath(level, index, width) {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) groups.unshift('x' + String(rest % 1000).padStart(3, '0'))
  return `tile/${level}/${groups.join('/')}${width === TILE ? '' : `.p/${width}`}`
}
