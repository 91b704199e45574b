/** The metrics of danihodovic/borg-exporter; its dashboard asks for them under the job `borg-db`. Without `borg_unique_size`. */
import type { Compat } from '../compat.ts'
import { countOf, gaugesOf, ofNewest } from '../each-repository.ts'
import { renderGauges } from '../go-text.ts'
import { secondsOf } from '../newest.ts'

export const compat: Compat = {
  system: 'borg-db',
  scope: 'tool',
  tool: 'borg',
  render(all) {
    const gauge = gaugesOf('repo', all)
    return renderGauges([
      gauge('borg_backups_total', 'Total number of Borg backups', countOf),
      gauge(
        'borg_last_backup_timestamp',
        'Timestamp of the last backup',
        ofNewest(({ takenAt }) => secondsOf(takenAt)),
      ),
    ])
  },
}
