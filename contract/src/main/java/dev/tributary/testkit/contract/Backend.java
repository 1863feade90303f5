package dev.tributary.testkit.contract;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Limits;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.fault.FaultProxy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * A backend under test: what a contract suite needs besides the public API. Opened for each test and closed after it; a backend
 * that is dear to start may hand out one that stays, because the suites never use a name twice.
 *
 * <p>Time: the clients and the backend may share a {@link VirtualTime}; then leases, delays and polls take no time. Otherwise {@link
 * #time()} is the system's, and a suite that lets time pass waits. The suites let a few seconds pass, never minutes.
 */
public interface Backend extends AutoCloseable {
  /** The backend's name, for the messages of skipped cases. */
  String name();

  /** A new client. The suite closes it. */
  Tributary connect(UnaryOperator<ClientConfig.Builder> changes);

  /** Makes a stream that does not exist yet. */
  void createStream(String name, int partitions);

  /**
   * Makes a stream that does not exist yet and keeps no more than its configuration says; false if it would keep everything all the same, or
   * could not tell its readers what it removed.
   */
  default boolean createStream(String name, StreamConfig config) {
    return false;
  }

  /** Makes a queue that does not exist yet. */
  void createQueue(String name, QueueConfig config);

  /** Makes a key-value store that does not exist yet. */
  void createKeyValue(String name);

  /**
   * Makes this, with these headers, a dead letter of a stream that is there, and not by a client's {@code deadLetters().add}; false if nothing else
   * makes them here, or streams have none.
   */
  default boolean bury(String stream, String value, Map<String, String> headers, String reason) {
    return false;
  }

  /** Whether the dead letter of a stream that is replayed stays, and can be replayed again. */
  default boolean keepsReplayed() {
    return false;
  }

  /** Whether streams, queues and stores come into being by being used: then nothing is ever not found. */
  default boolean createsOnFirstUse() {
    return false;
  }

  /** The numbers it sets. */
  Limits limits();

  /** The time that clients and backend go by. */
  TimeSource time();

  /**
   * Lets this much time pass. Virtual time is moved on in steps, with a moment's rest after each for what is on its way between
   * client and backend; otherwise this waits.
   */
  default void advance(Duration duration) {
    Passage.of(time()).pass(duration);
  }

  /**
   * How much the client has had to do with the backend so far: bytes sent, or calls made. Only compared with itself, to see that
   * nothing was sent.
   */
  long sent(Tributary client);

  /**
   * How many bytes the client has had of the backend so far: of messages at least, and of what the protocol adds to them; empty if nobody
   * counts.
   */
  default OptionalLong received(Tributary client) {
    return OptionalLong.empty();
  }

  /** The client's process dies: it falls silent without a goodbye, and nothing reaches it any more. */
  void kill(Tributary client);

  /** What stands between this client and the backend, if there is a socket. Fault cases need it. */
  default Optional<FaultProxy> proxy(Tributary client) {
    return Optional.empty();
  }

  /** Stops the backend and starts it again at the same address, with what it had stored; false if that cannot be done. */
  default boolean restart() {
    return false;
  }

  /**
   * Replaces the backend by one that has nothing of what this one stored, as a server that lost its disk: what is made, and who connects,
   * from now on is there. The clients that there were find it at the address that they know once this has run.
   *
   * @param fill makes what is to be there by then
   * @return false if that cannot be done; nothing has run then
   */
  default boolean replace(Runnable fill) {
    return false;
  }

  @Override
  void close();
}
