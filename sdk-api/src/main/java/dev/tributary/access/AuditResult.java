package dev.tributary.access;

/** How something that was tried ended. */
public enum AuditResult {
  /** It was done. */
  SUCCESS,
  /** It went wrong. */
  FAILURE,
  /** It was not allowed. */
  DENIED,
  /** In a way that this client does not know; nothing can be asked for by it. */
  OTHER
}
