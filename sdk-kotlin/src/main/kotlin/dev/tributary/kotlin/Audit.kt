package dev.tributary.kotlin

import dev.tributary.access.AuditEvent
import dev.tributary.access.AuditFormat
import dev.tributary.access.AuditQuery
import kotlinx.coroutines.future.await
import dev.tributary.access.Audit as JavaAudit

/** The same audit trail for coroutines. */
public fun JavaAudit.asKotlin(): Audit = Audit(this)

/**
 * Who did what, as far as the backend wrote it down. It may ask for `Permission.ADMIN`, and keep events for a while only. Cancellation is
 * described at [Tributary].
 */
public class Audit internal constructor(
  /** The Java audit trail. */
  public val java: JavaAudit,
) {
  /** The events that a query finds, the newest first. Those that come next are found by [AuditQuery.before]. */
  public suspend fun search(query: AuditQuery = AuditQuery.NEWEST): List<AuditEvent> = java.search(query).await()

  /** The same as a file. */
  public suspend fun export(query: AuditQuery, format: AuditFormat): ByteArray = java.export(query, format).await()
}
