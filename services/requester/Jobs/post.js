// The fair price of a job, live. Whole numbers only: micro-units and milliseconds. Pay rounds up, fee and levy each round down.
(() => {
  const form = document.getElementById('draft')
  if (!form) return
  const $ = id => document.getElementById(id)
  const rule = name => BigInt(form.dataset[name] || 0)
  const show = window.marketplace
  const HOUR = 3600000n, TEN_THOUSAND = 10000n
  const max = (a, b) => a > b ? a : b, min = (a, b) => a < b ? a : b
  const up = (a, b) => (a + b - 1n) / b

  // A number as people type it: one comma or full stop is a decimal sign, unless three digits follow it and the reader's culture says otherwise.
  const own = (1.1).toLocaleString(document.documentElement.dataset.culture || 'en').includes(',') ? ',' : '.'
  const scaled = (text, digits) => {
    const typed = text.replace(/[\s']/g, ''), last = Math.max(typed.lastIndexOf(','), typed.lastIndexOf('.'))
    if (!/^[\d.,]+$/.test(typed) || !/\d/.test(typed)) return null
    let sign = own
    if (last >= 0) {
      const several = typed.split(typed[last]).length > 2, before = typed.slice(0, last).replace(/^0+/, '').length
      if (several) sign = typed[last] === ',' ? '.' : ','
      else if (typed.includes(',') && typed.includes('.') || typed.length - last - 1 !== 3 || before === 0 || before > 3) sign = typed[last]
    }
    const [whole, fraction = ''] = typed.split(sign).map(part => part.replace(/[.,]/g, ''))
    return fraction.length > digits ? null : BigInt((whole || '0') + fraction.padEnd(digits, '0'))
  }
  const value = name => form.elements[name].value
  const micros = name => scaled(value(name), 6), ms = name => scaled(value(name), 3)

  const floor = rule('floor')
  const owed = time => up(floor * time, HOUR)
  const fee = pay => pay * rule('fee') / TEN_THOUSAND, levy = pay => pay * rule('levy') / TEN_THOUSAND
  const charged = pay => pay + fee(pay) + levy(pay)
  const cents = amount => up(amount, TEN_THOUSAND) * TEN_THOUSAND

  const text = (id, words) => { $(id).textContent = words }
  const put = (id, element) => $(id).replaceChildren(element)
  const number = amount => Number(amount)

  const curve = (reward, estimate, limit, top) => {
    const x = Math.min(100, 100 * number(reward) * 3.6e6 / number(floor) / number(limit)), height = pay => 90.9 * number(pay) / number(top)
    const y = height(reward)
    const svg = name => {
      const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), path = document.createElementNS(svg.namespaceURI, 'path')
      svg.setAttribute('viewBox', '0 0 100 100')
      svg.setAttribute('preserveAspectRatio', 'none')
      if (name) svg.setAttribute('class', name)
      if (!name) path.setAttribute('class', 'later')
      path.setAttribute('d', `M0 ${100 - y}H${x}L100 9.1`)
      svg.append(path)
      return svg
    }
    const make = (name, className, words) => Object.assign(document.createElement(name), { className: className || '', textContent: words || '' })
    const box = make('div', 'curve'), most = make('span', 'over to', `pays at most ${show.priceText(number(top))} ${show.currency}`)
    box.setAttribute('role', 'img')
    box.setAttribute('aria-label', 'What one answer pays: the reward up to the estimate, then the floor, up to the limit')
    box.style.setProperty('--x', `${Math.min(100, 100 * number(estimate) / number(limit))}%`)
    box.style.setProperty('--y', `${height(max(reward, owed(min(estimate, limit))))}%`)
    most.style.setProperty('--y', '90.9%')
    box.append(svg(''), svg('now'), make('b'), make('i'), make('span', 'under at', 'estimate'), make('span', 'under to', 'limit'), most)
    put('o-curve', box)
  }

  const price = () => {
    const reward = micros('reward'), wanted = scaled(value('wanted'), 0)
    const priced = floor > 0n && reward !== null && reward > 0n && reward <= 1000000000n && wanted !== null
    $('priced').hidden = !priced
    $('unpriced').hidden = priced
    $('o-sentence').hidden = !priced
    if (!priced) return

    const paid = reward * HOUR / floor, estimate = max(1000n, ms('estimate') || min(paid, 14400000n))
    const shortest = max(rule('limitLeast'), rule('limitFactor') * estimate), typed = ms('timeLimit')
    const limit = typed ? min(max(typed, shortest), 2n * shortest) : shortest
    const words = BigInt(value('instructions').split(/\s+/).filter(Boolean).length)
    const reading = min(rule('readingWord') * words, rule('readingMost'))
    const least = owed(estimate), worst = charged(max(reward, owed(limit + reading))), top = max(reward, owed(limit))
    const answers = rule('tasks') * wanted, cost = answers * charged(reward)
    const most = cents(answers * worst), proposed = min(most, cents(up(cost * 12n, 10n) + 20n * worst)), budget = micros('budget') || proposed
    const now = min(answers, budget / worst)

    text('o-hour', show.balanceText(number(reward * HOUR / estimate)))
    text('o-what', `${show.priceText(number(reward))} ${show.currency} for ${show.span(number(estimate))}`)
    text('o-least', `${show.priceText(number(least))} ${show.currency}`)
    text('o-least2', `${show.priceText(number(least))} ${show.currency}`)
    $('o-fine').hidden = reward < least
    $('o-wrong').hidden = reward >= least
    for (const id of ['o-answers', 'o-answers2']) text(id, show.number(number(answers)))
    put('o-pay', show.exact(number(answers * reward)))
    put('o-fee', show.exact(number(answers * fee(reward))))
    put('o-levy', show.exact(number(answers * levy(reward))))
    put('o-cost', show.exact(number(cost)))
    for (const id of ['o-worst', 'o-worst2']) put(id, show.price(number(worst), false))
    text('o-budget', show.atMostText(number(proposed)))
    for (const id of ['o-most', 'o-most2']) text(id, show.atMostText(number(most)))
    text('o-cost2', show.balanceText(number(cost)))
    text('o-now', show.number(number(now)))
    const meter = $('o-meter').firstElementChild, parts = meter.children
    meter.setAttribute('aria-label', `${now} of ${answers} claims are allowed now`)
    parts[0].style.setProperty('--v', number(now))
    parts[parts.length - 1].style.setProperty('--v', number(answers - now))
    form.elements.budget.placeholder = show.balanceText(number(proposed))
    if (rule('tasks') > 0n) text('o-post', `Post ${show.number(number(rule('tasks')))} tasks and set aside ${show.atMostText(number(budget))} ${show.currency}`)
    const hint = $('timeLimit-hint')
    if (hint) hint.textContent = hint.textContent.replace(/^.*?from/, `${number(shortest) / 1000} to ${number(shortest) / 500} s: from`)
    curve(reward, estimate, limit, top)
  }

  // The preview follows the words as they are typed.
  const preview = () => {
    const choice = form.elements.kind.value !== 'text', labels = value('labels').split('\n').map(label => label.trim()).filter(Boolean)
    $('choices').hidden = !choice
    if (!$('p-question')) return
    text('p-question', value('question'))
    $('p-choices').replaceChildren(...choice ? labels.slice(0, 9).map((label, i) => {
      const line = Object.assign(document.createElement('span'), { className: 'choice', textContent: label })
      line.append(Object.assign(document.createElement('kbd'), { textContent: i + 1 }))
      return line
    }) : [Object.assign(document.createElement('textarea'), { rows: 3, readOnly: true, ariaLabel: 'Answer' })])
  }

  form.addEventListener('input', () => { price(); preview() })
  preview()
  price()

  // A chosen file is read at once; what was typed travels with it. A change of column shows its rows.
  for (const id of ['file', 'images']) $(id).addEventListener('change', () => $(id).files.length && form.requestSubmit($('read')))
  for (const name of ['textColumn', 'imageColumn']) {
    const column = form.elements[name]
    if (column) column.addEventListener('change', () => {
      form.action = form.action.replace(/#.*$/, '#tasks')
      form.submit()
    })
  }
  form.addEventListener('submit', e => {
    if (e.submitter !== $('read')) return
    $('read').setAttribute('aria-disabled', 'true')
    $('read').lastChild.textContent = ' Reading the file …'
  })
  for (const link of form.querySelectorAll('[data-width]')) link.addEventListener('click', e => {
    const frame = $('frame')
    if (!frame) return
    e.preventDefault()
    frame.classList.toggle('frame', link.dataset.width === 'phone')
    for (const other of form.querySelectorAll('[data-width]')) other === link ? other.setAttribute('aria-current', 'true') : other.removeAttribute('aria-current')
  })
})()
