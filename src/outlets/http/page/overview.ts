import { html } from 'hono/html'
import type { Standing } from '../../../model/standing.ts'
import { type Html, layout } from './layout.ts'

export const renderOverview = (standing: Standing): Html =>
  layout(
    { title: 'Do your backups pass muster?', depth: 0, refresh: true },
    html`<h1>Do your backups pass muster?</h1><ul>${standing.jobs.map((job) => html`<li>${job.name}: ${job.verdict.state}: ${job.verdict.reason}</li>`)}</ul>`,
  )
