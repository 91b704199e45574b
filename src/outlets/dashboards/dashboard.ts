/** A dashboard of Grafana: rows of panels, variables, links to the other ones. */
import { datasource, type Panel, put, renderPanel } from './panels.ts'

/** A choice above the panels: the values of a label of a metric. */
export interface Variable {
  readonly name: 'repository' | 'host' | 'user' | 'tags' | 'paths' | 'job'
  /** Of which series; may use variables before it. */
  readonly of: string
}

export interface Dashboard {
  readonly name: 'overview' | 'set' | 'repository'
  readonly title: string
  readonly description: string
  readonly from: string
  readonly variables: readonly Variable[]
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[]
}

/** Asked for when a dashboard is imported. */
const input = 'DS_PROMETHEUS'

/** Grafana 11 and 12 read it as it is. */
const schemaVersion = 39
const columns = 24

/** How a variable is asked for in Grafana; the same in a test. */
const labelValues = ({ name, of }: Variable): string => `label_values(${of}, ${name})`

export function renderDashboard(dashboard: Dashboard, others: readonly Dashboard[]): object {
  return {
    __inputs: [
      {
        name: input,
        label: 'Prometheus',
        description: 'The Prometheus that scrapes Muster with honor_labels: true.',
        type: 'datasource',
        pluginId: 'prometheus',
        pluginName: 'Prometheus',
      },
    ],
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '11.0.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
    ],
    uid: uidOf(dashboard),
    title: dashboard.title,
    description: dashboard.description,
    tags: ['muster', 'backup'],
    schemaVersion,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: dashboard.from, to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: others
      .filter(({ name }) => name !== dashboard.name)
      .map((other) => ({
        type: 'link',
        title: other.title,
        url: pathOf(other.name),
        icon: 'dashboard',
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        asDropdown: false,
        tags: [],
        tooltip: other.description,
      })),
    templating: { list: [datasourceVariable, ...dashboard.variables.map(variableOf)] },
    panels: panelsOf(dashboard),
  }
}

const uidOf = ({ name }: Pick<Dashboard, 'name'>): string => `muster-${name}`
export const pathOf = (name: Dashboard['name']): string => `/d/${uidOf({ name })}`

const datasourceVariable = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  // An import fills it in; else Grafana takes its default source.
  current: { text: put(input), value: put(input) },
  hide: 0,
  multi: false,
  includeAll: false,
  refresh: 1,
  regex: '',
}

const variableOf = (variable: Variable) => ({
  name: variable.name,
  label: variable.name,
  type: 'query',
  datasource,
  definition: labelValues(variable),
  query: { query: labelValues(variable), refId: 'variable' },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  // A set without a user has no such label: it has to match as well.
  allValue: '.*',
  current: { text: ['All'], value: ['$__all'] },
  hide: 0,
  regex: '',
})

function panelsOf({ rows }: Dashboard): object[] {
  const all: object[] = []
  let y = 0
  for (const { title, panels } of rows) {
    all.push({
      id: all.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: columns, h: 1 },
    })
    y += 1
    let [x, tallest] = [0, 0]
    for (const panel of panels) {
      if (x + panel.width > columns) {
        y += tallest
        ;[x, tallest] = [0, 0]
      }
      all.push(renderPanel(panel, all.length + 1, { x, y, w: panel.width, h: panel.height }))
      x += panel.width
      tallest = Math.max(tallest, panel.height)
    }
    y += tallest
  }
  return all
}
