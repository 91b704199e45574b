/** The metrics of k0ral/borg-exporter, at port 9884 there: without chunks, and with the one size of all archives that the ledger keeps. */
import type { Compat } from '../compat.ts'
import { countOf, gaugesOf, ofNewest } from '../each-repository.ts'
import { renderGauges } from '../go-text.ts'
import { secondsOf } from '../newest.ts'

export const compat: Compat = {
  system: 'borg-9884',
  scope: 'tool',
  tool: 'borg',
  render(all) {
    const gauge = gaugesOf('repository', all)
    return renderGauges([
      gauge(
        'borg_archives_deduplicated_compressed_size',
        'Compressed, deduplicated size of all archives',
        (facts) => facts.repository.size?.sizeBytes,
      ),
      gauge(
        'borg_archives_latest_time',
        'Timestamp of the latest archive',
        ofNewest(({ takenAt }) => secondsOf(takenAt)),
      ),
      gauge('borg_archives_total', 'Number of available archives', countOf),
    ])
  },
}
