/** The front page: does everything pass muster, what does not, and then all jobs and repositories. */
import { html } from 'hono/html'
import type { Problem } from '../../../model/problem.ts'
import type { Standing } from '../../../model/standing.ts'
import type { Trouble } from '../../../model/trouble.ts'
import { renderNotifiers } from './deliveries.ts'
import { renderJobCard } from './job-card.ts'
import { verdictLamp } from './lamps.ts'
import { type Html, layout, pageOf } from './layout.ts'
import { renderRepository } from './repository-panel.ts'
import { legend } from './strip.ts'
import { type Summary, summaryOf } from './summary.ts'
import { clock, many, moment, outside, sentence } from './words.ts'

/** A page stays readable, and quick, whatever the number of backup sets. */
const mostTroubles = 100
const mostSetsInAll = 300
const mostSetsEach = 50

export function renderOverview(standing: Standing): Html {
  const { now, jobs, repositories } = standing
  const summary = summaryOf(standing)
  const mostSets = Math.max(1, Math.min(mostSetsEach, Math.floor(mostSetsInAll / Math.max(1, repositories.length))))
  return layout(
    { title: summary.sentence, depth: 0, refresh: true, version: standing.version },
    html`${banner('Part of the ledger was lost', standing.ledgerProblem)}
${banner('The configuration file is not in force', standing.configProblem)}
${renderHero(summary, now, repositories.length === 0)}
${renderTroubles(summary.troubles, now)}
${jobs.length === 0 ? '' : html`<section><h2>Jobs</h2><div class="grid">${jobs.map((job) => renderJobCard(job, now))}</div></section>`}
${repositories.length === 0 ? '' : html`<section><h2>Repositories</h2>${repositories.map((repository) => renderRepository(repository, { now, depth: 0, mostSets }))}${legend}</section>`}
${renderNotifiers(standing)}`,
  )
}

function banner(title: string, problem: Problem | undefined): Html {
  if (problem === undefined) return html``
  return html`<aside class="banner" role="alert"><strong>${title}.</strong> ${sentence(problem.message)} <span class="next">${sentence(problem.next)}</span></aside>`
}

function renderHero({ tone, sentence: text, detail }: Summary, now: Date, isEmpty: boolean): Html {
  const hint =
    tone !== 'quiet'
      ? ''
      : isEmpty
        ? html`<p>Name your repositories and jobs in <code>muster.yaml</code>, or begin with <code>muster init</code>.</p>`
        : html`<p>The first reading shows here by itself.</p>`
  const sign = tone === 'good' ? '✓' : tone === 'bad' ? '!' : '·'
  return html`<section class="hero tone-${tone}">
<span class="big-sign" aria-hidden="true">${sign}</span>
<div><h1>${text}</h1><p>${[...detail, ''].join(' · ')}as of ${clock(now)}</p>${hint}</div>
</section>`
}

function renderTroubles(troubles: readonly Trouble[], now: Date): Html {
  if (troubles.length === 0) return html``
  const shown = troubles.slice(0, mostTroubles)
  const more =
    troubles.length > shown.length
      ? html`<p class="more">and ${many(troubles.length - shown.length, 'more')}, below</p>`
      : ''
  return html`<section><h2>Needs a look</h2><ul class="troubles">${shown.map((trouble) => renderTrouble(trouble, now))}</ul>${more}</section>`
}

function renderTrouble({ kind, name, within, page, state, why, next, since, speaksFor }: Trouble, now: Date): Html {
  return html`<li class="trouble">
<div class="card-head"><h3><span class="kind">${kind}</span> ${page === undefined ? outside(name) : html`<a href="${pageOf('./', page.of, page.name)}">${outside(name)}</a>`}${within === undefined ? '' : html` <span class="aside">in ${outside(within)}</span>`}</h3>
<span>${verdictLamp(state)}${since === undefined ? '' : html` <span class="aside">since ${moment(since, now)}</span>`}</span></div>
<p class="why">${sentence(why)}${speaksFor === undefined || speaksFor === 0 ? '' : ` ${many(speaksFor, 'backup set')} cannot be judged.`}</p>
${next === '' ? '' : html`<p class="next">${sentence(next)}</p>`}
</li>`
}
