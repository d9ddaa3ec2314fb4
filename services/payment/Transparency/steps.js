// A list of checks with their results in words, one below the other as they are made, and the last checkpoint that this browser saw.

import { Tree, followHandovers, openCheckpoint, parseKey, same } from './log.js'

const remembered = 'marketplace.checkpoint'
const mark = { true: 'check', false: 'warning', null: 'info' }
const lang = document.documentElement.lang

export const plural = (n, one, many) => `${n.toLocaleString(lang)} ${n === 1 ? one : many}`

export const fetched = async (path, kind) => {
  const response = await fetch(`/log/${path}`, { cache: path === 'checkpoint' ? 'no-store' : 'default' }).catch(() => null)
  if (!response?.ok) throw new Error(`The log did not answer for ${path}.`)
  return kind === 'text' ? response.text() : new Uint8Array(await response.arrayBuffer())
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
    const step = { title, ...await check().catch(failure => ({ good: false, say: failure.message })) }
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

/** Whether the tree still begins with what this browser saw. Who was shown another history than others finds out here. */
export async function compareWithLastVisit(key, checkpoint, tree = new Tree(checkpoint.size, path => fetched(path))) {
  const saved = localStorage.getItem(remembered)
  if (!saved) return { good: true, say: 'This is your first visit. From now on this browser remembers what it saw.' }
  const last = JSON.parse(saved)
  const lastKey = await parseKey(last.key)
  const followed = await followHandovers(last.key === key.text ? '' : await fetched('key/handovers', 'text'), lastKey, key)
  if (followed === false) return { good: false, say: 'The ledger’s key is another than at your last visit, and the old key does not name it. Ask the cooperative whether it announced that.' }
  if (followed === null) return { good: null, say: 'The ledger’s key is another than at your last visit, and this browser has no Ed25519 to check who named it.' }
  const before = await openCheckpoint(last.note, lastKey)
  const day = new Date(last.at).toLocaleDateString(lang, { day: 'numeric', month: 'long' })
  if (before.size > checkpoint.size) return { good: false, say: `The ledger has ${plural(checkpoint.size, 'entry', 'entries')} and had ${before.size.toLocaleString(lang)} on ${day}. Entries are missing.` }
  return same(await tree.root([0, before.size]), before.root)
    ? { good: true, say: `The ${plural(before.size, 'entry', 'entries')} you saw on ${day} are all still there, in the same order.` }
    : { good: false, say: `The entries that you saw on ${day} were changed since. Keep this page and show it to other members.` }
}

export const remember = (key, checkpoint) => localStorage.setItem(remembered, JSON.stringify({ key: key.text, note: checkpoint.note, at: Date.now() }))
