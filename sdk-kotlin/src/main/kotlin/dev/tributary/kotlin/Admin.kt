package dev.tributary.kotlin

import dev.tributary.admin.QueueConfig
import dev.tributary.admin.QueueUpdate
import dev.tributary.admin.ResourceInfo
import dev.tributary.admin.ResourceKind
import dev.tributary.admin.Retention
import dev.tributary.admin.Statistics
import dev.tributary.admin.StreamConfig
import kotlin.time.Duration
import kotlinx.coroutines.future.await
import dev.tributary.Admin as JavaAdmin

/** The same administration for coroutines. */
public fun JavaAdmin.asKotlin(): Admin = Admin(this)

/** Creating, listing and deleting streams, queues and key-value stores. Cancellation is described at [Tributary]. */
public class Admin internal constructor(
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
    createStream(name, config(partitions, retention))
  }

  /** Creates a stream; fails with `AlreadyExistsException` if there is one. */
  public suspend fun createStream(name: String, config: StreamConfig) {
    java.createStream(name, config).await()
  }

  /**
   * Creates a stream unless there is one. One that is there stays as it is, whatever its settings.
   *
   * @param partitions at least 1
   * @param retention how long messages are kept; null for the backend's default
   * @return whether this made it; false also if a try made it whose answer was lost
   */
  public suspend fun ensureStream(name: String, partitions: Int = 1, retention: Duration? = null): Boolean =
    ensureStream(name, config(partitions, retention))

  /** Creates a stream unless there is one. One that is there stays as it is; whether this made it. */
  public suspend fun ensureStream(name: String, config: StreamConfig): Boolean = java.ensureStream(name, config).await()

  private fun config(partitions: Int, retention: Duration?): StreamConfig {
    val kept = Retention.builder().maxAge(retention?.finite("the retention")).build()
    return StreamConfig.builder().partitions(partitions).retention(kept).build()
  }

  /** Creates a queue; fails with `AlreadyExistsException` if there is one. */
  public suspend fun createQueue(name: String, config: QueueConfig) {
    java.createQueue(name, config).await()
  }

  /** Creates a queue: `createQueue("mails") { partitions(4) }`; fails with `AlreadyExistsException` if there is one. */
  public suspend inline fun createQueue(name: String, config: QueueConfigBuilder.() -> Unit = {}) {
    createQueue(name, QueueConfigBuilder(QueueConfig.builder()).apply(config).builder.build())
  }

  /**
   * Creates a queue unless there is one. One that is there stays as it is, whatever its settings.
   *
   * @return whether this made it; false also if a try made it whose answer was lost
   */
  public suspend fun ensureQueue(name: String, config: QueueConfig): Boolean = java.ensureQueue(name, config).await()

  /** Creates a queue unless there is one: `ensureQueue("mails") { partitions(4) }`; whether this made it. */
  public suspend inline fun ensureQueue(name: String, config: QueueConfigBuilder.() -> Unit = {}): Boolean =
    ensureQueue(name, QueueConfigBuilder(QueueConfig.builder()).apply(config).builder.build())

  /** How a queue is made; fails with `NotFoundException` if there is none. */
  public suspend fun queueConfig(name: String): QueueConfig = java.queueConfig(name).await()

  /** Changes settings of a queue; fails with `NotFoundException` if there is none. */
  public suspend fun updateQueue(name: String, update: QueueUpdate) {
    java.updateQueue(name, update).await()
  }

  /** Changes settings of a queue: `updateQueue("mails") { maxAttempts(5) }`; fails with `NotFoundException` if there is none. */
  public suspend inline fun updateQueue(name: String, update: QueueUpdateBuilder.() -> Unit) {
    updateQueue(name, QueueUpdateBuilder(QueueUpdate.builder()).apply(update).builder.build())
  }

  /** Creates a key-value store; fails with `AlreadyExistsException` if there is one. */
  public suspend fun createKeyValue(name: String) {
    java.createKeyValue(name).await()
  }

  /** Creates a key-value store unless there is one; whether this made it, false also if a try made it whose answer was lost. */
  public suspend fun ensureKeyValue(name: String): Boolean = java.ensureKeyValue(name).await()

  /** Deletes it with all its content; fails with `NotFoundException` if there is none. */
  public suspend fun delete(kind: ResourceKind, name: String) {
    java.delete(kind, name).await()
  }

  /** What there is of this kind, ordered by name. */
  public suspend fun list(kind: ResourceKind): List<ResourceInfo> = java.list(kind).await()

  /** The counters of the server that answers. */
  public suspend fun statistics(): Statistics = java.statistics().await()
}
