// Relative to the page, which a proxy may have put on a path of its host.
export const V1 = "api/v1";

/** Of one credential. */
export const at = (id: string) => `${V1}/credentials/${encodeURIComponent(id)}`;
