/** The page of a job: how it stands, and its last runs with all that is known of them. */
import { html } from 'hono/html'
import type { Run } from '../../../model/run.ts'
import type { JobStanding, Standing } from '../../../model/standing.ts'
import { renderRunning } from './job-card.ts'
import { outcomeLamp, verdictLamp, verdictTones } from './lamps.ts'
import { type Html, layout, pageOf } from './layout.ts'
import { brief, clock, count, many, moment, outside, sentence, size } from './words.ts'

export function renderJob({ now, version }: Standing, job: JobStanding, runs: readonly Run[]): Html {
  const { name, verdict, repository, schedule, running } = job
  const next = job.operations.find(({ operation }) => operation === 'backup')?.next
  return layout(
    { title: name, depth: 1, refresh: true, version },
    html`<nav class="crumbs"><a href="../">All</a> / Job</nav>
<section class="card edge-${verdictTones[verdict.state]}">
<header class="card-head"><h1>${outside(name)}</h1>${verdictLamp(verdict.state)}</header>
${running === undefined ? '' : renderRunning(running, now)}
<p class="why">${sentence(verdict.reason)}</p>
${verdict.next === '' ? '' : html`<p class="next">${sentence(verdict.next)}</p>`}
<dl class="facts wide">
${repository === undefined ? html`<div><dt>Run by</dt><dd>another program, which tells of it</dd></div>` : html`<div><dt>Repository</dt><dd><a href="${pageOf('../', 'repositories', repository)}">${outside(repository)}</a></dd></div>`}
<div><dt>Schedule</dt><dd>${schedule === undefined ? html`<span class="none">none</span>` : html`<code class="cron">${schedule}</code>`}</dd></div>
<div><dt>Next run</dt><dd>${next === undefined ? html`<span class="none">not scheduled</span>` : moment(next, now)}</dd></div>
</dl>
</section>
<section><h2>Runs</h2>${runs.length === 0 ? html`<p class="none">No run yet.</p>` : html`<ol class="runs">${runs.map((run) => renderRun(run, now))}</ol>`}</section>`,
  )
}

function renderRun(run: Run, now: Date): Html {
  const { operation, outcome, startedAt, endedAt, counters, snapshotId, problem, trigger, exitCode, toolVersion } = run
  const took = endedAt === undefined ? '' : html` <span class="aside">took ${brief(startedAt, endedAt)}</span>`
  return html`<li class="run">
<div class="run-head"><span class="run-what">${outcomeLamp(outcome)} <strong>${operation}</strong></span> <span>${moment(startedAt, now)}${took}</span> <span class="aside">${clock(startedAt)}</span></div>
${problem === undefined ? '' : html`<p class="why">${sentence(problem.message)}</p><p class="next">${sentence(problem.next)}</p>`}
<dl class="figures">
${figure('New', counters?.filesNew)}${figure('Changed', counters?.filesChanged)}${figure('Unchanged', counters?.filesUnmodified)}
${counters?.processedBytes === undefined ? '' : html`<div><dt>Read</dt><dd>${size(counters.processedBytes)}</dd></div>`}
${counters?.addedBytes === undefined ? '' : html`<div><dt>Added</dt><dd>${size(counters.addedBytes)}</dd></div>`}
${figure('Removed', counters?.snapshotsRemoved)}${figure('Kept', counters?.snapshotsKept)}
${snapshotId === undefined ? '' : html`<div><dt>Snapshot</dt><dd><code>${snapshotId.slice(0, 8)}</code></dd></div>`}
<div><dt>Started by</dt><dd>${trigger}</dd></div>
${figure('Exit code', exitCode)}${toolVersion === undefined ? '' : html`<div><dt>Tool</dt><dd>${toolVersion}</dd></div>`}
</dl>
${renderSkipped(run)}${run.log === undefined ? '' : html`<details><summary>What it said</summary><pre>${outside(run.log)}</pre></details>`}
</li>`
}

const figure = (label: string, value: number | undefined): Html =>
  value === undefined ? html`` : html`<div><dt>${label}</dt><dd>${count(value)}</dd></div>`

function renderSkipped({ skipped = [], skippedCount = skipped.length }: Run): Html {
  if (skippedCount === 0) return html``
  const more =
    skippedCount > skipped.length ? html`<li class="none">and ${many(skippedCount - skipped.length, 'more')}</li>` : ''
  return html`<details><summary>${many(skippedCount, 'file')} left out</summary><ul class="skipped">${skipped.map(({ path, reason }) => html`<li><code>${outside(path)}</code> <span class="aside">${outside(reason)}</span></li>`)}${more}</ul></details>`
}
