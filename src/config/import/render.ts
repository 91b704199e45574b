/** An imported configuration as the text of a muster.yaml, with what a person has to know in comments. */
import { Document, isMap, isScalar, stringify } from 'yaml'
import type { Imported } from './importer.ts'

const plainSecret = ' Plain text, as it was. Better: a file of mode 0600, and { file: PATH } here.'

/** @returns Text that `muster config check` reads, unless no repository or no password is left. */
export function renderImported(system: string, imported: Imported): string {
  const raw = imported.raw ?? { repositories: {} }
  const document = new Document(raw, { aliasDuplicateObjects: false })
  document.commentBefore = [
    ` Made from the configuration of ${system} by \`muster import\`.`,
    ...imported.notes.map((note) => ` ${note}`),
  ].join('\n')
  for (const [name, settings] of Object.entries(raw.repositories)) {
    const secrets = [
      ['password'],
      ...Object.keys((settings as { environment?: object }).environment ?? {}).map((key) => ['environment', key]),
    ]
    for (const path of secrets) markPlain(document.getIn(['repositories', name, ...path], true))
    const node = document.getIn(['repositories', name], true)
    if (isMap(node) && !('password' in settings)) node.comment = ' password: { file: PATH }   # there was none'
  }
  const text = document.toString({ lineWidth: 0 })
  return text + imported.leftOut.map(({ name, why, settings }) => leftOutText(name, why, settings)).join('')
}

function markPlain(node: unknown): void {
  if (isScalar(node) && typeof node.value === 'string') node.comment = plainSecret
}

/** Below `repositories`, the last block: take the signs away, and it is carried. */
function leftOutText(name: string, why: string, settings: object): string {
  const lines = stringify({ [name]: settings }, { lineWidth: 0, aliasDuplicateObjects: false })
    .trimEnd()
    .split('\n')
  return [`Not carried: ${why}.`, ...lines].map((line) => `  # ${line}\n`).join('')
}
