package dev.tributary.kotlin

import kotlinx.coroutines.future.await
import dev.tributary.stream.Replay as JavaReplay

/** A replay session at one moment. */
public typealias ReplayState = JavaReplay.State

/** What a replay session can be. */
public typealias ReplayStatus = JavaReplay.Status

/** The same replay session for coroutines. */
public fun JavaReplay.asKotlin(): Replay = Replay(this)

/**
 * A server-side replay session: the backend walks a range of the stream and moves the sandbox group along. It sends no messages;
 * read them as a member of that group. Cancellation is described at [Tributary]; it does not touch the session.
 */
@JvmInline
public value class Replay internal constructor(
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
