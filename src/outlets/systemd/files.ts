/** Every file that an installation is made of. */
import { renderUnit, type UnitWish } from './unit.ts'

export interface InstalledFile {
  /** Absolute, below the root that it is installed in. */
  readonly path: string
  readonly text: string
  readonly mode: number
}

export const unitName = 'muster.service'
const unitPath = `/etc/systemd/system/${unitName}`
export const sysusersPath = '/etc/sysusers.d/muster.conf'
export const tmpfilesPath = '/etc/tmpfiles.d/muster.conf'
const configFolder = '/etc/muster'
export const stateFolder = '/var/lib/muster'

/** All that any installation may have made; nothing else is ever taken away. */
export const installedPaths: readonly string[] = [unitPath, sysusersPath, tmpfilesPath]

export function installedFiles(wish: UnitWish): readonly InstalledFile[] {
  const file = (path: string, text: string): InstalledFile => ({ path, text, mode: 0o644 })
  const unit = file(unitPath, renderUnit(wish))
  const tmpfiles = file(tmpfilesPath, renderTmpfiles(wish))
  return wish.kind === 'watcher' ? [unit, file(sysusersPath, sysusers), tmpfiles] : [unit, tmpfiles]
}

/** Source: sysusers.d(5). */
const sysusers = `# The user that watches backups.\nu muster - "Muster" ${stateFolder}\n`

/** Source: tmpfiles.d(5). The configuration may be read by who serves it, and by nobody else. */
function renderTmpfiles({ kind, config }: Pick<UnitWish, 'kind' | 'config'>): string {
  const group = kind === 'watcher' ? 'muster' : 'root'
  const ours = config.startsWith(`${configFolder}/`) && !/\s/.test(config)
  return [
    `# The configuration of Muster.`,
    `d ${configFolder} 0750 root ${group} -`,
    ...(ours ? [`z ${config.replaceAll('%', '%%')} 0640 root ${group} -`] : []),
    '',
  ].join('\n')
}
