package dev.tributary.testkit.server;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link EmbeddedServer} is to do wrong, by the name of the rpc; over HTTP alone, by the route, as in {@code POST
 * /topics/{topic}/messages}; over FlyMQ, by the operation, as in {@code PRODUCE}. Thread-safe; holds for calls that arrive from now on.
 */
public final class ServerFaults {
  private final Map<String, Failure> failures = new ConcurrentHashMap<>();
  private final Map<String, Duration> delays = new ConcurrentHashMap<>();
  private final AtomicInteger crashes = new AtomicInteger();
  private volatile Role role = Role.LEADER;
  private volatile Duration lag = Duration.ZERO;
  private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();

  ServerFaults() {}

  /**
   * What a call is answered with in place of a result.
   *
   * @param status the protocol's code: 14 is UNAVAILABLE over gRPC. Over HTTP alone and over FlyMQ 0 is no answer: the connection ends; FlyMQ has
   *     no other codes
   * @param message its text
   * @param applied whether the call is carried out all the same, so that only its reply is lost
   */
  public record Fault(int status, String message, boolean applied) {}

  private record Failure(Fault fault, AtomicInteger times) {}

  /** What a server is in its cluster, where the protocol's servers elect a leader. */
  public enum Role {
    /** It leads. */
    LEADER,
    /** It follows another node. */
    FOLLOWER,
    /** It knows of no leader. */
    LEADERLESS
  }

  /** What serves open subscriptions and connections. */
  public interface Listener {
    /** Sends this status in band to every open subscription. */
    void inBand(int status);

    /** Ends every open subscription with this status. */
    void cut(int status, String message);

    /** Tells every client to go away: no further calls on these connections. */
    void goAway();
  }

  /** The next calls of this rpc fail before anything is done. */
  public void fail(String rpc, int times, int status, String message) {
    failures.put(rpc, new Failure(new Fault(status, message, false), new AtomicInteger(times)));
  }

  /** The next calls of this rpc are carried out and then fail. */
  public void failApplied(String rpc, int times, int status, String message) {
    failures.put(rpc, new Failure(new Fault(status, message, true), new AtomicInteger(times)));
  }

  /** Calls of this rpc begin so much later, by the server's time. */
  public void delay(String rpc, Duration delay) {
    delays.put(rpc, delay);
  }

  /** Sends a status in band to every open subscription: what FlowMesh does when a poll failed. */
  public void inBand(int status) {
    listeners.forEach(listener -> listener.inBand(status));
  }

  /** Ends every open subscription with a status, as a server does that fails. */
  public void cut(int status, String message) {
    listeners.forEach(listener -> listener.cut(status, message));
  }

  /** Tells every client to go away, as a server does that drains. */
  public void goAway() {
    listeners.forEach(Listener::goAway);
  }

  /** Plays another part in its cluster than the leader's; no effect where there is none. */
  public void play(Role role) {
    this.role = role;
  }

  /** What it plays; the leader, unless it was told otherwise. */
  public Role role() {
    return role;
  }

  /** What is made over the wire from now on is not known for so long, as with a node that hears of it late; no effect on FlowMesh. */
  public void lag(Duration lag) {
    this.lag = lag;
  }

  /** For protocols: how much later what is made is known. */
  public Duration lag() {
    return lag;
  }

  /** How often something came that would have taken a public server down, where a {@link Quirk} asks for that: its connection was closed. */
  public int crashes() {
    return crashes.get();
  }

  /** For protocols: something came that would have taken a public server down. */
  public void crash() {
    crashes.incrementAndGet();
  }

  /** No more faults. */
  public void clear() {
    role = Role.LEADER;
    lag = Duration.ZERO;
    failures.clear();
    delays.clear();
  }

  /** For protocols: the fault of the next call of this rpc, or null. */
  public @Nullable Fault next(String rpc) {
    Failure failure = failures.get(rpc);
    return failure != null && failure.times.getAndDecrement() > 0 ? failure.fault : null;
  }

  /** For protocols: how much later a call of this rpc begins. */
  public Duration delayOf(String rpc) {
    return delays.getOrDefault(rpc, Duration.ZERO);
  }

  /** For protocols: who hears of faults that are not a call's. */
  public void listen(Listener listener) {
    listeners.add(listener);
  }
}
