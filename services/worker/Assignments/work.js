// The work page: clock, keys, drafts and submits. Everything but the clock works without it. The server's contacts decide what is paid;
// this page only shows the same arithmetic.
(() => {
  const { price, span, time, number } = window.marketplace
  const find = selector => document.querySelector(selector)
  const pulseEvery = 10e3
  const showEvery = 5e3
  const icons = {
    Reading: '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>',
    Typing: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    Waiting: '<path d="M9 5v14M15 5v14"/>',
  }
  icons.Choosing = icons.Typing

  let task, bar, at // the form, the pay bar, and the clock as last heard of the server
  let pulsedAt, pulseTimer, inputAt, said, pending

  // The clock --------------------------------------------------------------------------------------------------------
  const since = () => at.since + Date.now() - at.heard
  const active = () => at.active + Math.min(since(), at.idle)
  const wall = () => at.wall + Date.now() - at.heard
  const early = () => at.early - (Date.now() - at.loaded)
  const credited = () => Math.min(active(), at.paid)
  const payAt = ms => Math.max(at.reward, Math.ceil(at.floor * ms / 3600e3))
  const mostToAdd = () => Math.max(0, Math.min(wall() - active(), at.paid - credited(), at.allowance))
  const away = () => since() > at.idle && active() < at.paid
  const whole = micros => Math.floor(micros / 1e3) * 1e3

  const begin = () => {
    task = find('#task')
    bar = find('.paybar')
    const [t, b] = [task.dataset, bar.dataset]
    const now = Date.now()
    at = {
      active: +t.active, since: +t.since, wall: +t.wall, idle: +t.idle, early: +t.early, allowance: +t.allowance,
      reward: +b.reward, floor: +b.floor, paid: +b.paid, heard: now, loaded: now,
    }
    inputAt = 0
    pulsedAt = now
    clearTimeout(pulseTimer)
    pulseTimer = pending = undefined
    said = { floor: payAt(credited()) > at.reward, away: away(), soon: at.paid - credited() <= 15e3, over: credited() >= at.paid }
    restoreDraft()
    show()
    setTimeout(showButton)
  }

  const say = text => { find('#said').textContent = text }
  const sayOnce = (key, when, text) => {
    if (when && !said[key]) say(text)
    said[key] = when
  }

  // What is shown ----------------------------------------------------------------------------------------------------
  const show = () => {
    const ms = credited()
    const pay = payAt(ms)
    const topUp = pay - at.reward
    bar.querySelector('[data-pay]').replaceChildren(price(whole(pay)))
    const made = bar.querySelector('[data-made]')
    if (pending) made.replaceChildren('kept on this device, sent when the line is back')
    else if (topUp > 0) {
      const lifted = Object.assign(document.createElement('span'), { className: 'topup' })
      lifted.append(price(whole(topUp), false))
      made.replaceChildren(price(at.reward, false), ' reward + ', lifted, ' from the floor')
    } else made.replaceChildren('the reward; the floor alone: ', price(whole(Math.ceil(at.floor * ms / 3600e3)), false))
    bar.querySelector('[data-clock]').textContent = span(Math.floor(ms / 1e3) * 1e3)

    const most = Math.max(at.reward, payAt(at.paid))
    const curve = bar.querySelector('.curve').style
    curve.setProperty('--x', `${(100 * ms / at.paid).toFixed(1)}%`)
    curve.setProperty('--y', `${(90.9 * pay / most).toFixed(1)}%`)

    showState()
    showMore()
    sayOnce('floor', topUp > 0, 'The floor is paying.')
    sayOnce('away', away(), 'The clock waits.')
    sayOnce('soon', ms < at.paid && at.paid - ms <= 15e3, '15 seconds of paid time are left.')
    sayOnce('over', ms >= at.paid, 'Paid time has ended.')
  }

  const showState = () => {
    const [icon, state] = pending ? ['Waiting', 'Offline, answer kept']
      : active() >= at.paid ? ['Waiting', 'Paid time has ended']
      : away() ? ['Waiting', `Away since ${time(new Date(Date.now() - since()))}`]
      : Date.now() - inputAt > 2 * showEvery ? ['Reading', 'Reading']
      : isText() ? ['Typing', 'Typing'] : ['Choosing', 'Choosing']
    const place = bar.querySelector('[data-state]')
    if (place.lastElementChild.textContent === state) return
    place.innerHTML = `<svg class="i" viewBox="0 0 24 24" aria-hidden="true">${icons[icon]}</svg>`
    place.append(Object.assign(document.createElement('b'), { textContent: state }))
    showButton()
  }

  // The button alone counts down, and only to the moment from which an answer is taken.
  const showButton = () => {
    const button = bar.querySelector('[data-submit]')
    const seconds = Math.ceil(early() / 1e3)
    const text = seconds > 0 ? `Submit in ${seconds} s` : away() && !pending ? 'I am back' : 'Submit'
    const disabled = seconds > 0 || !!pending
    if (button.dataset.says === text && button.hasAttribute('aria-disabled') === disabled) return
    button.dataset.says = text
    button.replaceChildren(text)
    if (text === 'Submit') {
      const keys = Object.assign(document.createElement('kbd'), { textContent: isText() ? 'Ctrl Enter' : 'Enter' })
      keys.setAttribute('aria-hidden', 'true')
      button.append(' ', keys)
    }
    button.toggleAttribute('aria-disabled', false)
    if (disabled) button.setAttribute('aria-disabled', 'true')
  }

  const showMore = () => {
    const most = Math.floor(mostToAdd() / 1e3) * 1e3
    const bold = Object.assign(document.createElement('b'), { textContent: span(most) })
    task.querySelector('[data-more]').replaceChildren(...(at.allowance > 0
      ? [`The clock saw ${span(Math.floor(active() / 1e3) * 1e3)} of the ${span(Math.floor(wall() / 1e3) * 1e3)} since you started. Add up to `, bold, ': granted at once, from today’s allowance.']
      : ['Today’s allowance is used up.']))

    const asked = Number(task.elements.asked.value.replace(',', '.')) * 1e3
    const granted = Math.min(asked || 0, mostToAdd())
    const ms = credited() + granted
    task.querySelector('[data-with]').replaceChildren(...(granted > 0
      ? [`With ${span(granted)} more: ${span(Math.floor(ms / 1e3) * 1e3)} credited, `, price(whole(payAt(ms)))]
      : asked > 0 ? ['There is no time to add yet: the clock saw all of it.'] : []))
  }

  const isText = () => !!task.elements.text
  const showWords = () => {
    const words = task.elements.text.value.trim().split(/\s+/).filter(w => w).length
    task.querySelector('[data-words]').textContent = `${number(words)} ${words === 1 ? 'word' : 'words'}. Your text is kept on this device until you submit.`
  }

  // Contacts: at most one pulse in ten seconds, and none from a page that nobody sees. --------------------------------------
  const contact = () => {
    if (document.hidden || pending || pulseTimer) return
    const wait = away() ? 0 : Math.max(0, pulsedAt + pulseEvery - Date.now())
    if (wait === 0) pulse()
    else pulseTimer = setTimeout(() => { pulseTimer = undefined; if (!document.hidden) pulse() }, wait)
  }

  const pulse = async () => {
    pulsedAt = Date.now()
    const address = task.action.replace(/answer$/, 'pulses')
    try {
      const response = await fetch(address, { method: 'POST', headers: { Accept: 'application/json', RequestVerificationToken: token() } })
      if (address !== task.action.replace(/answer$/, 'pulses')) return
      if (response.status === 409) return location.reload()
      if (!response.ok) return
      const clock = await response.json()
      Object.assign(at, { active: clock.activeMs, wall: clock.wallMs, since: 0, heard: Date.now() })
      show()
    } catch { /* The line is down; the next contact tries again. */ }
  }

  const token = () => task.elements.__RequestVerificationToken.value

  // Drafts -----------------------------------------------------------------------------------------------------------
  const draftKey = () => `draft ${task.action.split('/')[4]}`
  const saveDraft = () => {
    const choice = task.querySelector('[name=label]:checked')
    const draft = { text: isText() ? task.elements.text.value : undefined, label: choice ? choice.value : undefined, asked: task.elements.asked.value }
    try { localStorage.setItem(draftKey(), JSON.stringify(draft)) } catch { /* Private windows may keep nothing. */ }
  }
  const forgetDraft = () => {
    try { localStorage.removeItem(draftKey()) } catch { /* The same. */ }
  }
  const restoreDraft = () => {
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith('draft ') && key !== draftKey()) localStorage.removeItem(key)
      const draft = JSON.parse(localStorage.getItem(draftKey()) || '{}')
      if (draft.text && isText() && !task.elements.text.value) task.elements.text.value = draft.text
      if (draft.asked && !task.elements.asked.value) task.elements.asked.value = draft.asked
      for (const choice of task.querySelectorAll('[name=label]')) if (choice.value === draft.label) choice.checked = true
    } catch { /* The same. */ }
    if (isText()) showWords()
  }

  // Submitting: the same answer may be sent again and again; the first response comes back. ---------------------------------
  const submit = async (submitter) => {
    if (pending) return
    if (early() > 0) return say(`Submit in ${Math.ceil(early() / 1e3)} s.`)
    const body = new URLSearchParams(new FormData(task, submitter && submitter.name ? submitter : undefined))
    const address = task.action
    saveDraft()
    for (let wait = 0; ; wait = Math.min(15e3, wait + 3e3)) {
      if (wait) await Promise.race([new Promise(done => setTimeout(done, wait)), new Promise(done => addEventListener('online', done, { once: true }))])
      try {
        const headers = { 'HX-Request': 'true', 'HX-Current-URL': location.href, Accept: 'text/html' }
        if (find('#read') && !find('#first')) headers['X-Has-Instructions'] = '1'
        const response = await fetch(address, { method: 'POST', headers, body })
        if (response.status < 500) return await answered(response)
      } catch { /* The line is down. */ }
      offline()
    }
  }

  const offline = () => {
    pending = true
    for (const field of task.querySelectorAll('input, textarea, button')) field.disabled = true
    show()
    say('The line is down. Your answer is kept on this device and sent when it is back.')
  }

  const answered = async response => {
    const elsewhere = response.headers.get('HX-Redirect')
    if (response.ok) forgetDraft()
    if (elsewhere) return location.assign(elsewhere)
    const parts = new DOMParser().parseFromString(await response.text(), 'text/html')
    const form = parts.querySelector('#task')
    if (!form) return location.reload()

    const isNext = new URL(form.getAttribute('action'), location).href !== task.action
    const kept = form.querySelector('#read[data-kept]')
    if (kept) kept.replaceWith(find('#read'))
    for (const part of ['#session', '#task', '.paybar']) find(part).replaceWith(document.adoptNode(parts.querySelector(part)))
    if (isNext) {
      history.replaceState(null, '', find('#task').getAttribute('action').replace(/\/answer$/, ''))
      scrollTo(0, 0)
    }
    begin()
    const first = isText() ? task.elements.text : task.querySelector('h1')
    first.focus({ preventScroll: true })
    say(isNext ? 'Saved. The next task is here.' : task.querySelector('.bad, .wrong').textContent)
  }

  // Keys and events --------------------------------------------------------------------------------------------------
  document.addEventListener('submit', e => {
    if (e.target !== task || (e.submitter && e.submitter.hasAttribute('formaction'))) return
    e.preventDefault()
    if (away() && early() <= 0 && e.submitter && e.submitter.dataset.says === 'I am back') return contact()
    submit(e.submitter)
  })

  document.addEventListener('keydown', e => {
    const { target } = e
    if (e.key === 'Enter' && isText() && target === task.elements.text) {
      if (!e.ctrlKey && !e.metaKey) return
      e.preventDefault()
      return task.requestSubmit()
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
    if (e.key === 'Enter' && !target.closest('a, button, summary')) {
      e.preventDefault()
      return task.requestSubmit()
    }
    if (/^[1-9]$/.test(e.key) && !target.closest('textarea, [name=asked]')) {
      const choice = task.querySelectorAll('[name=label]')[e.key - 1]
      if (!choice || choice.disabled) return
      choice.checked = true
      choice.dispatchEvent(new Event('input', { bubbles: true }))
    }
  })

  document.addEventListener('input', e => {
    if (e.target.form !== task) return
    inputAt = Date.now()
    saveDraft()
    if (e.target.name === 'text') showWords()
    if (e.target.name === 'asked') showMore()
    showState()
    contact()
  })
  for (const kind of ['scroll', 'focusin', 'pointerdown', 'keydown']) document.addEventListener(kind, contact, { passive: true })
  addEventListener('focus', contact)
  document.addEventListener('visibilitychange', contact)

  begin()
  if (isText() && !find('#read[open]')) task.elements.text.focus({ preventScroll: true })
  setInterval(show, showEvery)
  setInterval(showButton, 500)
})()
