/** The dashboards, by the name that is asked for. */
import { type Dashboard, renderDashboard } from './dashboard.ts'
import { overview } from './overview.ts'
import { repository } from './repository.ts'
import { sets } from './set.ts'

export const dashboards: readonly Dashboard[] = [overview, sets, repository]

/** As Grafana imports it. */
export const renderNamed = (dashboard: Dashboard): string =>
  `${JSON.stringify(renderDashboard(dashboard, dashboards), undefined, 2)}\n`
