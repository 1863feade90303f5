package dev.tributary;

import dev.tributary.access.Access;
import dev.tributary.cluster.Cluster;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.internal.Client;
import dev.tributary.spi.Transport;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import dev.tributary.trace.Traces;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * A client of one backend. Make one for the process and close it at the end.
 *
 * <p>Thread-safe. Making one does not connect, so it does not fail because a server is down: the first call connects.
 *
 * <p>Its threads are daemons: they keep no process alive. Let the main thread of a service wait for something, {@code Worker.ended()} for instance,
 * and close the client in a shutdown hook. After a client over a network was closed the process may live for another second: one thread of Netty's,
 * which is no daemon, waits that long for more to do.
 */
public interface Tributary extends AsyncCloseable {
  /**
   * A client as the environment says: {@code TRIBUTARY_URI} and its companions; see {@link ClientConfig#fromEnvironment}.
   *
   * @throws dev.tributary.error.InvalidRequestException if there is no {@code TRIBUTARY_URI}, something in the variables is wrong, or
   *     no transport for the backend is on the class path
   */
  static Tributary connect() {
    return connect(ClientConfig.fromEnvironment());
  }

  /**
   * A client for this URI; see {@link ClientConfig#parse}.
   *
   * @throws dev.tributary.error.InvalidRequestException if the URI is wrong or no transport for its scheme is on the class path
   */
  static Tributary connect(String uri) {
    return connect(ClientConfig.parse(uri));
  }

  /**
   * A client with this configuration.
   *
   * @throws dev.tributary.error.InvalidRequestException if no transport for its backend is on the class path
   */
  static Tributary connect(ClientConfig config) {
    return Client.connect(config);
  }

  /** A client over a transport of your own, which it closes when it is closed. */
  static Tributary over(Transport transport, ClientConfig config) {
    return new Client(transport, config);
  }

  /** A stream of raw bytes. */
  EventStream<byte[]> stream(String name);

  /** A stream of values of this codec. */
  <T> EventStream<T> stream(String name, Codec<T> codec);

  /** A consumer of several streams of raw bytes; see {@link #consumer(StreamSelection, Codec, ConsumerOptions)}. */
  default StreamsConsumer<byte[]> consumer(StreamSelection streams, ConsumerOptions options) {
    return consumer(streams, Codecs.bytes(), options);
  }

  /**
   * A consumer of several streams, all with values of this codec. Close it. Patterns need {@code LIST_RESOURCES}.
   *
   * @throws dev.tributary.error.UnsupportedFeatureException if the backend has no streams, or cannot list them and there is a pattern
   */
  <T> StreamsConsumer<T> consumer(StreamSelection streams, Codec<T> codec, ConsumerOptions options);

  /** A queue of raw bytes. */
  JobQueue<byte[]> queue(String name);

  /** A queue of values of this codec. */
  <T> JobQueue<T> queue(String name, Codec<T> codec);

  /** A key-value store of raw bytes. */
  KeyValueStore<byte[]> keyValue(String name);

  /** A key-value store of values of this codec. */
  <T> KeyValueStore<T> keyValue(String name, Codec<T> codec);

  /** The schema registry. */
  Schemas schemas();

  /** Administration. */
  Admin admin();

  /** Health. */
  Health health();

  /** What became of messages. */
  Traces traces();

  /** Users, what they may do, and what they did. */
  Access access();

  /** The nodes of the backend. */
  Cluster cluster();

  /** Begins a transaction with the defaults. */
  default CompletableFuture<Transaction> transaction() {
    return transaction(TransactionOptions.DEFAULT);
  }

  /** Begins a transaction. */
  CompletableFuture<Transaction> transaction(TransactionOptions options);

  /** Runs the work in a transaction with the defaults; see {@link #inTransaction(TransactionOptions, Function)}. */
  default <R> CompletableFuture<R> inTransaction(Function<? super Transaction, ? extends CompletionStage<R>> work) {
    return inTransaction(TransactionOptions.DEFAULT, work);
  }

  /**
   * Runs the work in a transaction: commits when its stage completes, aborts when it fails or throws.
   *
   * @return the work's result, after the commit; or what it failed with, after the abort
   */
  <R> CompletableFuture<R> inTransaction(
      TransactionOptions options, Function<? super Transaction, ? extends CompletionStage<R>> work);

  /** What the backend can do. */
  Set<Capability> capabilities();

  /** What the client was configured with. */
  ClientConfig config();

  /**
   * Drains and closes everything made by this client, workers, consumers, publishers and subscriptions; waits for the calls that are under
   * way; then disconnects.
   */
  @Override
  CompletableFuture<Void> closeAsync(Duration within);
}
