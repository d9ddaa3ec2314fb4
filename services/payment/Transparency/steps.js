// A list of checks with their results in words, one below the other as they are made, and the last checkpoint that this browser saw.

import { Tree, followHandovers, openCheckpoint, parseKey, same } from './log.js'

const remembered = 'marketplace.checkpoint'
const mark = { true: 'check', false: 'warning', null: 'info' }
// Days and hours as the server writes them on the rest of the page.
export const lang = document.documentElement.lang.replace(/^en$/, 'en-GB')

export const plural = (n, one, many) => `${n.toLocaleString(lang)} ${n === 1 ? one : many}`

export const fetched = async (path, kind) => {
  const address = path.startsWith('/') ? path : `/log/${path}`
  const response = await fetch(address, { cache: path === 'checkpoint' ? 'no-store' : 'default' }).catch(() => null)
  if (!response?.ok) throw await notThere(response) ?? new Error(`The log did not answer for ${path}.`)
  return kind === 'text' ? response.text() : new Uint8Array(await response.arrayBuffer())
}

/** What is said of an entry that is not public yet; it is nobody’s fault. */
export class NotYet extends Error { }

async function notThere(response) {
  if (response?.status !== 404 || !response.headers.get('content-type')?.includes('json')) return null
  const { title, detail } = await response.json().catch(() => ({}))
  return title ? new NotYet(`${title}. ${detail ?? ''}`.trim()) : null
}

/** Why nothing can be checked here; empty where it can. */
export const hindrance = globalThis.crypto?.subtle ? '' : 'It allows that only over https or on this machine.'

export class Steps {
  steps = []

  /** A list to show the steps in, in an element that holds the marks as templates. */
  constructor(list) {
    this.list = list
    list.replaceChildren()
  }

  get wrong() {
    return this.steps.filter(s => s.good === false)
  }

  get right() {
    return this.steps.filter(s => s.good === true)
  }

  /** Makes one check, which says whether it is good (null: it could not be made) and what that means. One that throws has failed. */
  async run(title, check) {
    const step = { title, ...await check().catch(failure => ({ good: failure instanceof NotYet ? null : false, say: failure.message })) }
    this.steps.push(step)
    const item = document.createElement('li')
    item.className = step.good === false ? 'wrong' : 'fine'
    item.append(icon(step.good), words(step))
    this.list.append(item)
    return step
  }
}

export const icon = good => document.querySelector(`template[data-icon=${mark[good]}]`).content.cloneNode(true)

function words({ title, good, say }) {
  const both = document.createElement('div')
  const name = document.createElement('b')
  name.textContent = good === false ? `Not so: ${title}` : good === null ? `Not checked: ${title}` : title
  const detail = document.createElement('p')
  detail.className = 'small hush'
  detail.textContent = say
  both.append(name, detail)
  return both
}

/** The log's key, and the checkpoint in a note. */
export async function opened(note) {
  const key = await parseKey(await fetched('key', 'text'))
  return { key, checkpoint: await openCheckpoint(note, key) }
}

/** What a signature says. */
export const signature = ({ signed, witnesses }) =>
  signed === null ? { good: null, say: 'This browser has no Ed25519, so it cannot check the signature. Everything below it can. Your own tools can check the signature too.' }
    : signed ? { good: true, say: `Nobody without the key could have issued it.${witnesses ? ` ${plural(witnesses, 'member witness', 'member witnesses')} signed the same one.` : ''}` }
      : { good: false, say: 'The signature is not by the ledger’s key. Do not trust what this server shows.' }

const lastVisit = () => {
  const saved = JSON.parse(localStorage.getItem(remembered))
  return saved && { ...saved, day: new Date(saved.at).toLocaleDateString(lang, { day: 'numeric', month: 'long' }) }
}

/** What follows from where the hand-overs lead. */
const handedOver = {
  led: day => ({ good: true, say: `The ledger’s key was changed since your visit on ${day}. The key that this browser remembers names the new one, and both signed that.` }),
  missing: day => ({ good: false, say: `The ledger’s key is another than on ${day}, and the key that this browser remembers does not name it. ${whatToDo}` }),
  forged: day => ({ good: false, say: `The ledger’s key is another than on ${day}. This server shows a hand-over to it, but it is forged: the key that this browser remembers did not sign it. ${whatToDo}` }),
  unchecked: day => ({ good: null, say: `The ledger’s key is another than on ${day}, and this browser has no Ed25519 to check who named it.` })
}
const whatToDo = 'Somebody may be showing you another ledger. Ask the cooperative, in another way than on these pages, whether it announced a new key. If it did, delete what this site keeps in your browser, and verify again.'

/** Where the key is another than at the last visit: whether that one names it. Null where it is the same, or this is the first visit. */
export async function compareKeyWithLastVisit(key) {
  const last = lastVisit()
  if (!last || last.key === key.text) return null
  return handedOver[await followHandovers(await fetched('key/handovers', 'text'), await parseKey(last.key), key)](last.day)
}

/** The same as a step, where there is anything to say. True of a key that may be remembered: the one known, or one that it named. */
export async function checkKey(steps, key) {
  const check = compareKeyWithLastVisit(key)
  return !await check.catch(() => true) || (await steps.run('The new key was named by the one you knew', () => check)).good === true
}

/** Whether the tree still begins with what this browser saw. Who was shown another history than others finds out here. */
export async function compareWithLastVisit(checkpoint, tree = new Tree(checkpoint.size, path => fetched(path))) {
  const last = lastVisit()
  if (!last) return { good: true, say: 'This is your first visit. From now on this browser remembers what it saw.' }
  const before = await openCheckpoint(last.note, await parseKey(last.key))
  if (before.size > checkpoint.size) return { good: false, say: `The ledger has ${plural(checkpoint.size, 'entry', 'entries')} and had ${before.size.toLocaleString(lang)} on ${last.day}. Entries are missing.` }
  return same(await tree.root([0, before.size]), before.root)
    ? { good: true, say: `The ${plural(before.size, 'entry', 'entries')} you saw on ${last.day} are all still there, in the same order.` }
    : { good: false, say: `The entries that you saw on ${last.day} were changed since. Keep this page and show it to other members.` }
}

export const remember = (key, checkpoint) => localStorage.setItem(remembered, JSON.stringify({ key: key.text, note: checkpoint.note, at: Date.now() }))
