package dev.tributary.kotlin

import dev.tributary.replay.ReplayOptions
import dev.tributary.stream.StartAt
import kotlin.time.Instant
import kotlin.time.toJavaInstant
import kotlinx.coroutines.future.await
import dev.tributary.replay.Replay as JavaReplay
import dev.tributary.replay.Replays as JavaReplays

/** A replay session at one moment. */
public typealias ReplayState = JavaReplay.State

/** What a replay session can be. */
public typealias ReplayStatus = JavaReplay.Status

/** The same replay sessions for coroutines. */
public fun JavaReplays.asKotlin(): Replays = Replays(this)

/** The replay sessions of a stream, with `REPLAY`. Cancellation is described at [Tributary]. */
public class Replays internal constructor(
  /** The Java replay sessions. */
  public val java: JavaReplays,
) {
  /**
   * Makes a session; it does nothing until it is started.
   *
   * @param group the sandbox group that is moved along; on FlowMesh its name begins with `_replay_`
   * @param start an offset or a time
   * @param endOffset the last offset to replay, inclusive; null for none
   * @param endTime the last time to replay; null for none. Wins over [endOffset]
   */
  public suspend fun create(group: String, start: StartAt, endOffset: Long? = null, endTime: Instant? = null): Replay {
    val options = ReplayOptions.builder(group, start)
    endOffset?.let(options::endOffset)
    endTime?.let { options.endTime(it.toJavaInstant()) }
    return Replay(java.create(options.build()).await())
  }

  /** The sessions that there are. */
  public suspend fun list(): List<Replay> = java.list().await().map(::Replay)
}

/** The same replay session for coroutines. */
public fun JavaReplay.asKotlin(): Replay = Replay(this)

/**
 * A server-side replay session: the backend walks a range of the stream and moves the sandbox group along. It sends no messages;
 * read them as a member of that group. Cancellation is described at [Tributary]; it does not touch the session.
 */
public class Replay internal constructor(
  /** The Java session. */
  public val java: JavaReplay,
) {
  /** The backend's id of the session. */
  public val id: String
    get() = java.id()

  /** How it stands now. */
  public suspend fun state(): ReplayState = java.state().await()

  /** Begins walking, or goes on after a pause. */
  public suspend fun start() {
    java.start().await()
  }

  /** Stops walking for now. */
  public suspend fun pause() {
    java.pause().await()
  }

  /** Goes on after [pause]. */
  public suspend fun resume() {
    java.resume().await()
  }

  /** Stops for good; again on a stopped session is no error. */
  public suspend fun stop() {
    java.stop().await()
  }

  /** Removes the session, stopping it first if it runs. */
  public suspend fun delete() {
    java.delete().await()
  }
}
