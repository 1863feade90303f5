package dev.tributary.kotlin

import dev.tributary.admin.QueueConfig
import dev.tributary.error.TributaryException
import kotlin.jvm.optionals.getOrNull
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/** What to do, in one sentence; empty if there is nothing sensible to say. */
public val TributaryException.hint: String
  get() = hint()

/** Whether the backend may have carried out the call although no confirmation arrived. */
public val TributaryException.maybeApplied: Boolean
  get() = maybeApplied()

/** Whether the same call may succeed later without a change by the caller. */
public val TributaryException.retryable: Boolean
  get() = retryable()

/** How long the backend asked to wait before the next try; null if it did not. */
public val TributaryException.retryAfter: Duration?
  get() = retryAfter().getOrNull()?.toKotlinDuration()

/** The lease when a consumer asks for none. */
public val QueueConfig.lease: Duration
  get() = lease().toKotlinDuration()

/** How long a job is kept at most; null for the backend's default. */
public val QueueConfig.retention: Duration?
  get() = retention()?.toKotlinDuration()

/** Deliveries after which a job becomes a dead letter, 0 for unlimited; null for the backend's default. */
public val QueueConfig.maxAttempts: Int?
  get() = maxAttempts().orNull()

/** How long dead letters are kept; null for the backend's default. */
public val QueueConfig.deadLetterRetention: Duration?
  get() = deadLetterRetention()?.toKotlinDuration()
