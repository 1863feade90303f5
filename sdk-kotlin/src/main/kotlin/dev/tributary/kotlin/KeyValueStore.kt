package dev.tributary.kotlin

import dev.tributary.KeyValueStore as JavaKeyValueStore
import dev.tributary.ResourceName
import dev.tributary.kv.Change
import dev.tributary.kv.KeyValueEntry
import dev.tributary.kv.PutOptions
import kotlin.jvm.optionals.getOrNull
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.future.await
import kotlinx.coroutines.jdk9.asFlow

/** The same store for coroutines. */
public fun <T : Any> JavaKeyValueStore<T>.asKotlin(): KeyValueStore<T> = KeyValueStore(this)

/**
 * A key-value store of one type. A handle without cost: make it where it is needed; nothing is sent by making it.
 *
 * Keys are not empty. Cancellation is described at [Tributary].
 */
public class KeyValueStore<T : Any> internal constructor(
  /** The Java store. */
  public val java: JavaKeyValueStore<T>,
) {
  /** The full name. */
  public val name: ResourceName
    get() = java.name()

  /**
   * Puts a key; any former ttl ends.
   *
   * @param ttl after which the key expires: rounded up where the backend is coarser, refused below its smallest step; null for
   *   never
   * @return its new revision; null without `KEY_REVISIONS`
   */
  public suspend fun put(key: String, value: T, ttl: Duration? = null): Long? = java.put(key, value, options(ttl)).await().orNull()

  /** The value; null if there is no such key or it expired. */
  public suspend fun get(key: String): T? = java.get(key).await().getOrNull()

  /** The value with its revision and expiry; null if there is no such key or it expired. */
  public suspend fun entry(key: String): KeyValueEntry<T>? = java.entry(key).await().getOrNull()

  /**
   * Puts a key only if it does not exist. The [ttl] is that of [put].
   *
   * @return its revision; null if there is one already, which stays as it is
   */
  public suspend fun putIfAbsent(key: String, value: T, ttl: Duration? = null): Long? =
    java.putIfAbsent(key, value, options(ttl)).await().orNull()

  /**
   * Puts a key only if it has this revision; any former ttl ends. The [ttl] is that of [put].
   *
   * @return the new revision. Fails with `ConflictException` if it has another or does not exist.
   */
  public suspend fun replace(key: String, value: T, revision: Long, ttl: Duration? = null): Long =
    java.replace(key, value, revision, options(ttl)).await()

  /**
   * Removes a key; no error if there is none.
   *
   * @param revision removes it only if it has this revision; fails with `ConflictException` if it has another or does not exist. Null
   *   for any
   */
  public suspend fun delete(key: String, revision: Long? = null) {
    (if (revision == null) java.delete(key) else java.delete(key, revision)).await()
  }

  /** Whether there is such a key. */
  public suspend fun exists(key: String): Boolean = java.exists(key).await()

  /** All keys with this prefix, ascending. Fails with `OverloadedException` beyond 100,000: page through them instead. */
  public suspend fun keys(prefix: String = ""): List<String> = java.keys(prefix).await()

  /** Up to [limit] keys with this prefix, ascending, that come after [after]; null to begin. */
  public suspend fun keys(prefix: String, after: String?, limit: Int): List<String> = java.keys(prefix, after, limit).await()

  /**
   * Changes of keys with this prefix, from the start of the collection on, in order. Each collector watches for itself, and
   * resumes after any fault. Cancelling the collector ends the watch.
   */
  public fun watch(prefix: String = ""): Flow<Change<T>> = java.watch(prefix).asFlow().buffer(PREFETCH)

  private fun options(ttl: Duration?): PutOptions = if (ttl == null) PutOptions.DEFAULT else PutOptions.ttl(ttl.finite("the ttl"))
}
