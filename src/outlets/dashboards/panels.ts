/** Panels of Grafana as data: what is asked, in what unit, and from when on it is bad. Source: Grafana, "Dashboard JSON model". */

export interface Query {
  readonly expr: string
  /** `{{host}}`. */
  readonly legend?: string
  /** The value now, for tables; else its history. */
  readonly instant?: true
}

interface Common {
  readonly title: string
  readonly description?: string
  readonly queries: readonly Query[]
  readonly unit?: string
  /** Of 24 columns, and height in rows of 30 pixels. */
  readonly width: number
  readonly height: number
}

/** From a value on, a colour; the first holds from below. */
export type Steps = readonly (readonly [from: number | null, colour: string])[]

export type Panel = Common &
  (
    | { readonly kind: 'stat'; readonly steps: Steps; readonly text?: Readonly<Record<string, string>> }
    | { readonly kind: 'timeseries'; readonly bars?: true; readonly steps?: Steps }
    | { readonly kind: 'state-timeline'; readonly steps: Steps; readonly text: Readonly<Record<string, string>> }
    | {
        readonly kind: 'table'
        /** Label or `Value #A` to the heading it gets, in order; all others are hidden. */
        readonly columns: readonly Column[]
      }
  )

export interface Column {
  readonly field: string
  readonly title: string
  readonly unit?: string
  readonly steps?: Steps
  /** Where a click leads. */
  readonly link?: string
}

export const goodWhenZero: Steps = [
  [null, 'green'],
  [1, 'red'],
]
export const neutral: Steps = [[null, 'blue']]
/** A variable as Grafana puts it in. */
export const put = (name: string): string => `\${${name}}`
export const datasource = { type: 'prometheus', uid: put('datasource') } as const

const thresholds = (steps: Steps) => ({
  mode: 'absolute',
  steps: steps.map(([value, color]) => ({ color, value })),
})

const mappings = (text: Readonly<Record<string, string>>) => [
  { type: 'value', options: Object.fromEntries(Object.entries(text).map(([value, said]) => [value, { text: said }])) },
]

/** @param gridPos Where it stands. */
export function renderPanel(panel: Panel, id: number, gridPos: object): object {
  const { title, description, queries, unit, kind } = panel
  return {
    id,
    type: kind,
    title,
    ...(description !== undefined && { description }),
    datasource,
    gridPos,
    targets: queries.map(({ expr, legend, instant }, at) => ({
      refId: String.fromCharCode(65 + at),
      datasource,
      editorMode: 'code',
      expr,
      ...(legend !== undefined && { legendFormat: legend }),
      instant: instant === true,
      range: instant !== true,
      ...(kind === 'table' && { format: 'table' }),
    })),
    ...optionsOf(panel, unit),
  }
}

function optionsOf(panel: Panel, unit: string | undefined): object {
  const units = unit === undefined ? {} : { unit }
  if (panel.kind === 'table') return tableOf(panel.columns)
  if (panel.kind === 'timeseries')
    return {
      fieldConfig: {
        defaults: {
          ...units,
          min: 0,
          custom: {
            drawStyle: panel.bars ? 'bars' : 'line',
            fillOpacity: panel.bars ? 60 : 10,
            showPoints: 'auto',
            spanNulls: false,
            ...(panel.steps && { thresholdsStyle: { mode: 'line' } }),
          },
          ...(panel.steps && { thresholds: thresholds(panel.steps) }),
        },
        overrides: [],
      },
      options: {
        legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull'] },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    }
  const defaults = {
    ...units,
    color: { mode: 'thresholds' },
    thresholds: thresholds(panel.steps),
    ...(panel.text && { mappings: mappings(panel.text) }),
  }
  if (panel.kind === 'state-timeline')
    return {
      fieldConfig: { defaults: { ...defaults, custom: { fillOpacity: 80, lineWidth: 0 } }, overrides: [] },
      options: {
        mergeValues: true,
        rowHeight: 0.8,
        showValue: 'never',
        legend: { displayMode: 'list', placement: 'bottom' },
      },
    }
  return {
    fieldConfig: { defaults, overrides: [] },
    options: {
      colorMode: 'background',
      graphMode: 'none',
      textMode: 'auto',
      justifyMode: 'center',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  }
}

/** All queries in one table, a line for each set of labels; only the columns named, in that order. */
function tableOf(columns: readonly Column[]): object {
  return {
    transformations: [
      { id: 'merge', options: {} },
      { id: 'filterFieldsByName', options: { include: { names: columns.map(({ field }) => field) } } },
      {
        id: 'organize',
        options: {
          indexByName: Object.fromEntries(columns.map(({ field }, at) => [field, at])),
          renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
        },
      },
    ],
    fieldConfig: {
      defaults: {},
      overrides: columns.map(({ title, unit, steps, link }) => ({
        matcher: { id: 'byName', options: title },
        properties: [
          ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
          ...(steps === undefined
            ? []
            : [
                { id: 'thresholds', value: thresholds(steps) },
                { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
              ]),
          ...(link === undefined ? [] : [{ id: 'links', value: [{ title: 'Open', url: link }] }]),
        ],
      })),
    },
    options: { showHeader: true, cellHeight: 'sm' },
  }
}
