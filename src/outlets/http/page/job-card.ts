/** A job on the front page: how it stands, its newest run, and what comes next. */
import { html } from 'hono/html'
import type { JobStanding, OperationStanding } from '../../../model/standing.ts'
import { isFine } from '../../../model/verdict.ts'
import { outcomeLamp, verdictLamp, verdictTones } from './lamps.ts'
import { type Html, pageOf } from './layout.ts'
import { brief, count, lasting, moment, outside, sentence, size } from './words.ts'

export function renderJobCard(job: JobStanding, now: Date): Html {
  const backup = job.operations.find(({ operation }) => operation === 'backup')
  const others = job.operations.filter(
    ({ operation, last, next }) => operation !== 'backup' && (last !== undefined || next !== undefined),
  )
  return html`<article class="card edge-${verdictTones[job.verdict.state]}">
<header class="card-head"><h3><a href="${pageOf('./', 'jobs', job.name)}">${outside(job.name)}</a></h3>${verdictLamp(job.verdict.state)}</header>
<p class="into">${job.repository === undefined ? 'run by another program' : html`into <a href="${pageOf('./', 'repositories', job.repository)}">${outside(job.repository)}</a>`}</p>
${job.running === undefined ? '' : renderRunning(job.running, now)}
${renderNewest(backup, now)}
${isFine(job.verdict) ? '' : html`<p class="why">${sentence(job.verdict.reason)}</p>`}
<dl class="facts">
<div><dt>Next run</dt><dd>${backup?.next === undefined ? html`<span class="none">not scheduled</span>` : moment(backup.next, now)}${job.schedule === undefined ? '' : html` <code class="cron">${job.schedule}</code>`}</dd></div>
${others.map((other) => renderUpkeep(other, now))}
</dl>
</article>`
}

export function renderRunning({ run, waiting }: NonNullable<JobStanding['running']>, now: Date): Html {
  return html`<p class="now">${waiting ? html`Waits for the repository, ${lasting(run.startedAt, now)}` : html`Running ${lasting(run.startedAt, now)}`}</p>`
}

function renderNewest(backup: OperationStanding | undefined, now: Date): Html {
  const last = backup?.last
  if (last === undefined) return html`<p class="newest"><span class="none">No run yet</span></p>`
  const took = last.endedAt === undefined ? '' : html`, took ${brief(last.startedAt, last.endedAt)}`
  const counters = last.counters
  const figures =
    counters === undefined
      ? ''
      : html`<dl class="figures">
<div><dt>Files</dt><dd>${count(counters.processedFiles)}</dd></div>
<div><dt>Read</dt><dd>${size(counters.processedBytes)}</dd></div>
<div><dt>Added</dt><dd>${size(counters.addedBytes)}</dd></div>
</dl>`
  const skipped =
    last.skippedCount === undefined || last.skippedCount === 0
      ? ''
      : html`<p class="odd-note">${count(last.skippedCount)} left out</p>`
  return html`<p class="newest">${outcomeLamp(last.outcome)} ${moment(last.endedAt ?? last.startedAt, now)}${took}</p>${skipped}${figures}`
}

/** Forget, prune, check and their like: the last run and the next. */
export function renderUpkeep({ operation, last, next }: OperationStanding, now: Date): Html {
  return html`<div><dt>${operation}</dt><dd>${last === undefined ? html`<span class="none">not yet</span>` : html`${outcomeLamp(last.outcome)} ${moment(last.endedAt ?? last.startedAt, now)}`}${next === undefined ? '' : html`, next ${moment(next, now)}`}</dd></div>`
}
