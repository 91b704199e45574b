/** `MUSTER_DEEP=1` does everything as often as it was meant to be done: for a night, not for each change. */
export const deep = (process.env.MUSTER_DEEP ?? '') !== ''
