package dev.tributary.testkit.server.goqueue.internal.transactions;

import dev.tributary.spi.TimeSource;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;

/** A transaction that is not over. What changes it takes its producer's turn; it may be looked at by any thread. */
public final class OpenTransaction {
  private final String id;
  private final Producer producer;
  private final int epoch;
  private final TransactionTransport.Session session;
  private final Instant begun;
  private final Set<Part> parts = new ConcurrentSkipListSet<>();
  private final Map<Topic, Long> written = new ConcurrentHashMap<>();
  private volatile State state = State.ONGOING;
  private volatile TimeSource.Timer timer = () -> {};

  /** What a transaction can be; each has its number on the wire. */
  public enum State {
    EMPTY("Empty"),
    ONGOING("Ongoing"),
    PREPARE_COMMIT("PrepareCommit"),
    PREPARE_ABORT("PrepareAbort"),
    COMPLETE_COMMIT("CompleteCommit"),
    COMPLETE_ABORT("CompleteAbort"),
    DEAD("Dead");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** As it is on the wire. */
    public String text() {
      return text;
    }

    static Refusal mismatch(State found, State... wanted) {
      String names = Arrays.stream(wanted).map(State::text).collect(Collectors.joining(" or "));
      return Refusal.internal("invalid transaction state for operation: expected " + names + ", got " + found.text);
    }
  }

  /** A partition that something was published to. */
  public record Part(String topic, int partition) implements Comparable<Part> {
    @Override
    public int compareTo(Part other) {
      int byTopic = topic.compareTo(other.topic);
      return byTopic == 0 ? Integer.compare(partition, other.partition) : byTopic;
    }
  }

  OpenTransaction(String id, Producer producer, TransactionTransport.Session session, Instant begun) {
    this.id = id;
    this.producer = producer;
    this.epoch = producer.epoch();
    this.session = session;
    this.begun = begun;
  }

  public String id() {
    return id;
  }

  public Producer producer() {
    return producer;
  }

  public int epoch() {
    return epoch;
  }

  TransactionTransport.Session session() {
    return session;
  }

  public Instant begun() {
    return begun;
  }

  public Set<Part> parts() {
    return parts;
  }

  /** How many bytes it adds to which topics. */
  Map<Topic, Long> written() {
    return written;
  }

  void wrote(Topic topic, long bytes) {
    written.merge(topic, bytes, Long::sum);
  }

  public State state() {
    return state;
  }

  public void state(State other) {
    state = other;
  }

  /** What is to happen if it takes too long. */
  public void timer(TimeSource.Timer other) {
    timer = other;
  }

  void stopTimer() {
    timer.cancel();
  }
}
