package dev.tributary.kotlin

import dev.tributary.admin.QueueConfig
import dev.tributary.admin.ResourceInfo
import dev.tributary.admin.ResourceKind
import dev.tributary.admin.StreamConfig
import dev.tributary.queue.RedeliveryPolicy
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.future.await
import dev.tributary.Admin as JavaAdmin

/** The same administration for coroutines. */
public fun JavaAdmin.asKotlin(): Admin = Admin(this)

/** Creating, listing and deleting streams, queues and key-value stores. Cancellation is described at [Tributary]. */
@JvmInline
public value class Admin internal constructor(
  /** The Java administration. */
  public val java: JavaAdmin,
) {
  /**
   * Creates a stream; fails with `AlreadyExistsException` if there is one.
   *
   * @param partitions at least 1
   * @param retention how long messages are kept; null for the backend's default
   */
  public suspend fun createStream(name: String, partitions: Int = 1, retention: Duration? = null) {
    java.createStream(name, StreamConfig(partitions, retention?.finite("the retention"))).await()
  }

  /**
   * Creates a queue; fails with `AlreadyExistsException` if there is one.
   *
   * @param partitions at least 1
   * @param lease the lease when a consumer asks for none
   * @param redelivery what happens to failed jobs, see [redeliveryPolicy]; null for the backend's default
   */
  public suspend fun createQueue(
    name: String,
    partitions: Int = 1,
    lease: Duration = 30.seconds,
    redelivery: RedeliveryPolicy? = null,
  ) {
    val config = QueueConfig.builder().partitions(partitions).lease(lease.finite("the lease"))
    redelivery?.let(config::redelivery)
    java.createQueue(name, config.build()).await()
  }

  /** Creates a key-value store; fails with `AlreadyExistsException` if there is one. */
  public suspend fun createKeyValue(name: String) {
    java.createKeyValue(name).await()
  }

  /** Deletes it with all its content; fails with `NotFoundException` if there is none. */
  public suspend fun delete(kind: ResourceKind, name: String) {
    java.delete(kind, name).await()
  }

  /** What there is of this kind, ordered by name. */
  public suspend fun list(kind: ResourceKind): List<ResourceInfo> = java.list(kind).await()
}
