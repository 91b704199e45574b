import { toolSettings } from '../sources/tools/settings.generated.ts'
import type { ToolSettings } from '../sources/tools/settings.ts'
import { valueAt } from './values.ts'

/** What is known of the tool of a repository; undefined where it names none that there is. */
export const settingsFor = (raw: unknown, repository: string): ToolSettings | undefined =>
  Object.entries(toolSettings).find(([known]) => known === valueAt(raw, ['repositories', repository, 'tool']))?.[1]
