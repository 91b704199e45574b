/** A repository: where it is, when it was last looked at, what holds it, and its backup sets. */
import { html } from 'hono/html'
import { type KeptFinding, numbered } from '../../../model/history.ts'
import type { RepositoryStanding, SetStanding } from '../../../model/standing.ts'
import { setName } from '../../../model/trouble.ts'
import { isFine } from '../../../model/verdict.ts'
import { renderUpkeep } from './job-card.ts'
import { lamp, verdictLamp } from './lamps.ts'
import { type Html, pageOf, upTo } from './layout.ts'
import { renderStrip } from './strip.ts'
import { brief, count, lasting, many, moment, number, outside, sentence, size } from './words.ts'

interface Place {
  readonly now: Date
  /** Folders between this page and the front page. */
  readonly depth: number
  readonly mostSets: number
}

export function renderRepository(repository: RepositoryStanding, place: Place): Html {
  const { name, lastReading } = repository
  const head =
    place.depth === 0
      ? html`<header class="card-head"><h3><a href="${pageOf('./', 'repositories', name)}">${outside(name)}</a></h3>${readingLamp(repository)}</header>`
      : ''
  return html`<article class="panel" id="repository-${name}">
${head}
${lastReading?.problem === undefined ? '' : html`<p class="why">${sentence(lastReading.problem.message)}</p>`}
${repository.findings.map((finding) => renderFinding(finding, place.now))}
${renderFacts(repository, place.now)}
${renderLanes(repository, place.now)}
${renderSets(repository, place)}
</article>`
}

function renderFinding({ number, message, next, foundAt }: KeptFinding, now: Date): Html {
  return html`<p class="why">${lamp('bad', 'suspect')} ${sentence(message)} ${sentence(numbered(next, number))} <span class="aside">found ${moment(foundAt, now)}</span></p>`
}

export function readingLamp({ lastReading }: RepositoryStanding): Html {
  if (lastReading === undefined) return lamp('quiet', 'not read yet')
  return lastReading.problem === undefined ? lamp('good', 'readable') : lamp('bad', 'unreadable')
}

function renderFacts(
  {
    tool,
    toolVersion,
    location,
    lastReading,
    lastGoodReading,
    size: measured,
    space,
    locks,
    operations,
  }: RepositoryStanding,
  now: Date,
): Html {
  const took = (reading: NonNullable<typeof lastReading>): string => `took ${brief(reading.startedAt, reading.endedAt)}`
  return html`<dl class="facts wide">
<div><dt>Tool</dt><dd>${tool}${toolVersion === undefined ? '' : ` ${toolVersion}`}</dd></div>
<div class="broad"><dt>Location</dt><dd class="location">${outside(location)}</dd></div>
<div><dt>Last reading</dt><dd>${lastReading === undefined ? html`<span class="none">not yet</span>` : html`${moment(lastReading.endedAt, now)}, ${took(lastReading)}`}</dd></div>
${lastReading?.problem === undefined ? '' : html`<div><dt>Last read well</dt><dd>${lastGoodReading === undefined ? html`<span class="none">never</span>` : moment(lastGoodReading.endedAt, now)}</dd></div>`}
<div><dt>Snapshots</dt><dd>${count(lastGoodReading?.snapshots)}</dd></div>
<div><dt>Size</dt><dd>${size(measured?.sizeBytes)}${measured === undefined ? '' : html` <span class="aside">measured ${moment(measured.at, now)}</span>`}</dd></div>
${renderSpace(space, now)}<div${locks === undefined || locks.locks.length === 0 ? '' : html` class="broad"`}><dt>Locks</dt><dd>${renderLocks(locks, now)}</dd></div>
${operations.filter(({ last, next }) => last !== undefined || next !== undefined).map((operation) => renderUpkeep(operation, now))}
</dl>`
}

function renderSpace(space: RepositoryStanding['space'], now: Date): Html {
  if (space === undefined) return html``
  const { last, fullAt, verdict } = space
  if (last.space === undefined)
    return html`<div><dt>Room</dt><dd><span class="none">not known</span> <span class="aside">${sentence(last.problem?.message ?? '')} ${moment(last.at, now)}</span></dd></div>
`
  const { freeBytes, totalBytes } = last.space
  const used = Math.round((1 - freeBytes / totalBytes) * 100)
  const full = fullAt === undefined ? '' : html`, full ${moment(fullAt, now)}`
  return html`<div${verdict === undefined ? '' : html` class="broad"`}><dt>Room</dt><dd>${verdict === undefined ? '' : html`${verdictLamp(verdict.state)} `}${size(freeBytes)} of ${size(totalBytes)} free <span class="aside">${used}% used${full}; looked ${moment(last.at, now)}</span></dd></div>
`
}

const mostLocks = 5

function renderLocks(locks: RepositoryStanding['locks'], now: Date): Html {
  if (locks === undefined) return html`<span class="none">–</span>`
  if (locks.locks.length === 0) return html`none`
  const oldest = locks.locks.toSorted((a, b) => a.takenAt.getTime() - b.takenAt.getTime()).slice(0, mostLocks)
  const each = oldest.map((lock) =>
    // Without a password only its file is known.
    lock.pid === 0
      ? html`<li>${moment(lock.takenAt, now)}</li>`
      : html`<li>${lock.exclusive ? 'exclusive' : 'shared'}, ${outside(lock.host)} (${outside(lock.user)}, process ${lock.pid}), ${moment(lock.takenAt, now)}</li>`,
  )
  return html`${number(locks.locks.length)}<ul class="locks">${each}</ul>`
}

function renderLanes({ lanes }: RepositoryStanding, now: Date): Html {
  if (lanes.length === 0) return html``
  const each = lanes.map(
    ({ purpose, waiting, since }) =>
      html`<li>${waiting ? lamp('quiet', 'waits') : lamp('busy', 'works')} ${outside(purpose)} <span class="aside">${lasting(since, now)}</span></li>`,
  )
  return html`<ul class="lanes" aria-label="Work on this repository now">${each}</ul>`
}

function renderSets({ name, sets, lastReading }: RepositoryStanding, { now, depth, mostSets }: Place): Html {
  if (sets.length === 0)
    return html`<p class="none">${lastReading === undefined ? 'Its backup sets show after the first reading.' : 'No backup set has been seen in it.'}</p>`
  // Those that need a look first; behind them in the order of their names.
  const shown = sets.toSorted((a, b) => Number(isFine(a.verdict)) - Number(isFine(b.verdict))).slice(0, mostSets)
  const rest = sets.length - shown.length
  const more =
    rest === 0
      ? ''
      : html`<p class="more">${depth === 0 ? html`<a href="${pageOf(upTo(depth), 'repositories', name)}">${many(rest, 'more backup set')}</a>` : `${many(rest, 'more backup set')}, all in the API`}</p>`
  return html`<table class="sets">
<thead><tr><th scope="col">Verdict</th><th scope="col">Backup set</th><th scope="col">Newest snapshot</th><th scope="col">Next due</th><th scope="col" class="figure">Snapshots</th><th scope="col" class="figure">Size</th><th scope="col">Last 30 days</th></tr></thead>
<tbody>${shown.map((set) => renderSet(set, now))}</tbody>
</table>${more}`
}

function renderSet({ set, expectation, verdict, strip, jobs }: SetStanding, now: Date): Html {
  const due = 'expectedBefore' in verdict ? verdict.expectedBefore : undefined
  return html`<tr>
<td>${verdictLamp(verdict.state)}</td>
<th scope="row">${outside(setName(set))}${jobs.length === 0 ? '' : html` <span class="aside">by ${jobs.map((job, at) => html`${at === 0 ? '' : ', '}${outside(job)}`)}</span>`}</th>
<td data-label="Newest">${moment(set.newestAt, now)}</td>
<td data-label="Next due">${due === undefined ? html`<span class="none">${expectation?.source === 'archived' ? 'archived' : 'no deadline'}</span>` : moment(due, now)}${renderLearned(expectation)}</td>
<td data-label="Snapshots" class="figure">${count(set.snapshots)}</td>
<td data-label="Size" class="figure">${size(set.sizeBytes)}</td>
<td class="days">${renderStrip(strip)}</td>
</tr>`
}

function renderLearned(expectation: SetStanding['expectation']): Html | '' {
  if (expectation?.confidence === undefined) return ''
  return html` <span class="aside">learned, ${Math.round(expectation.confidence * 100)}% sure</span>`
}
