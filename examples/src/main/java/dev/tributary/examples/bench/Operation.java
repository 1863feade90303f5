package dev.tributary.examples.bench;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is measured. The parts of a batch count one by one. */
public enum Operation {
  /** Publishes an event, and the next when that is confirmed. */
  PUBLISH_ALONE("publish alone", 1, 1, Stock.STREAM),
  /** Publishes an event. */
  PUBLISH_ONE("publish one", 1, Integer.MAX_VALUE, Stock.STREAM),
  /** Publishes an event to one of four streams, in turn, over four connections. */
  PUBLISH_TO_FOUR("publish to four", 1, Integer.MAX_VALUE, Stock.FOUR_STREAMS),
  /** Publishes {@link #BATCH} events in one call. */
  PUBLISH_ALL("publish all", Operation.BATCH, 16, Stock.STREAM),
  /** Publishes {@link #BATCH} events one by one, each confirmed, and leaves the batching to the client. */
  PUBLISH_BATCHED("publish batched", Operation.BATCH, 16, Stock.STREAM),
  /** Reads {@link #BATCH} messages from the beginning of the stream. */
  READ("read", Operation.BATCH, 16, Stock.MESSAGES),
  /** Reads {@link #PAGE} messages from the beginning of the stream. */
  READ_PAGE("read 1,000", Operation.PAGE, 4, Stock.MESSAGES),
  /** Takes {@link Work#taken} messages through one subscription from the beginning. */
  SUBSCRIBE("subscribe", Operation.TAKEN, 1, Stock.MESSAGES),
  /** The same through many subscriptions at once. */
  SUBSCRIBE_SIDE_BY_SIDE("subscribe many", Operation.TAKEN, Integer.MAX_VALUE, Stock.MESSAGES),
  /** {@link #SUBSCRIBE} of a stream of which a tenth is wanted; those that are not wanted count too. */
  SUBSCRIBE_FILTERED("filtered", Operation.TAKEN, 1, Stock.MIXED),
  /** Enqueues a job. */
  ENQUEUE("enqueue", 1, Integer.MAX_VALUE, Stock.EMPTY_QUEUE),
  /** Enqueues {@link #BATCH} jobs in one call. */
  ENQUEUE_BATCH("enqueue batch", Operation.BATCH, 16, Stock.EMPTY_QUEUE),
  /** Asks for {@link #BATCH} jobs, and acks each; completes with their number. */
  RECEIVE_AND_ACK("receive+ack", Operation.BATCH, 1, Stock.JOBS),
  /** Has {@link Work#taken} jobs pushed, and acks each; as many are leased at a time as calls are in flight elsewhere. */
  POP_AND_ACK("pop+ack", Operation.TAKEN, 1, Stock.JOBS),
  /** Sets the value of a key. */
  PUT("put", 1, Integer.MAX_VALUE, Stock.NONE),
  /** Gets the value of a key. */
  GET("get", 1, Integer.MAX_VALUE, Stock.VALUE);

  /** Events, messages or jobs of one call. */
  public static final int BATCH = 100;
  /** Messages of one page. */
  public static final int PAGE = 1000;
  /** As many as {@link Work#taken}. */
  private static final int TAKEN = 0;

  private final String label;
  private final int unitsPerCall;
  private final int mostInFlight;
  private final Stock stock;

  Operation(String label, int unitsPerCall, int mostInFlight, Stock stock) {
    this.label = label;
    this.unitsPerCall = unitsPerCall;
    this.mostInFlight = mostInFlight;
    this.stock = stock;
  }

  /** Its name in the table, and on the command line. */
  public String label() {
    return label;
  }

  /** What the same takes without batches; null of an operation that has none. */
  @Nullable Operation oneByOne() {
    return switch (this) {
      case PUBLISH_ONE, PUBLISH_TO_FOUR -> PUBLISH_ALONE;
      case PUBLISH_ALL, PUBLISH_BATCHED -> PUBLISH_ONE;
      case ENQUEUE_BATCH -> ENQUEUE;
      default -> null;
    };
  }

  /** How the clients of the SDK connect for it. */
  String uri(String server) {
    return this == PUBLISH_TO_FOUR ? server + (server.contains("?") ? "&" : "?") + "connections=" + Names.FOUR_STREAMS.size() : server;
  }

  int unitsPerCall(Work work) {
    return unitsPerCall == TAKEN ? work.taken() : unitsPerCall;
  }

  /** Calls side by side, of those that are wanted. */
  int inFlight(int wanted) {
    return Math.min(wanted, mostInFlight);
  }

  /** What the server has to hold beforehand. */
  Stock stock() {
    return stock;
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(Operation::label).toList();
  }
}
