package dev.tributary.vertx;

import dev.tributary.Capability;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.StreamSelection;
import dev.tributary.vertx.internal.net.VertxTransportProvider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The client for verticles: {@link Tributary} with {@code Future} and {@code ReadStream}, over the caller's Vert.x.
 *
 * <p>Futures complete, and handlers are called, on the context that is current at the call; for a caller without one, on a context of
 * the client's own. I/O runs on the event loops of the caller's Vert.x, which the client never closes: close the client when the
 * verticle stops. Codecs run on event loops, so they must not block. Everything else is as {@link Tributary} says. Thread-safe.
 */
public final class VertxTributary {
  private final Contexts contexts;
  private final Tributary client;

  private VertxTributary(Contexts contexts, Tributary client) {
    this.contexts = contexts;
    this.client = client;
  }

  /** See {@link Tributary#connect()}. */
  public static VertxTributary connect(Vertx vertx) {
    return connect(vertx, ClientConfig.fromEnvironment());
  }

  /** See {@link Tributary#connect(String)}. */
  public static VertxTributary connect(Vertx vertx, String uri) {
    return connect(vertx, ClientConfig.parse(uri));
  }

  /** See {@link Tributary#connect(ClientConfig)}. The configuration's callback executor is not used. */
  public static VertxTributary connect(Vertx vertx, ClientConfig config) {
    for (TransportProvider provider : ServiceLoader.load(TransportProvider.class, VertxTributary.class.getClassLoader())) {
      if (provider instanceof VertxTransportProvider ours && provider.schemes().contains(config.backend())) {
        return over(vertx, ours.open(config, vertx), config);
      }
    }
    return new VertxTributary(new Contexts(vertx), Tributary.connect(direct(config)));
  }

  /** See {@link Tributary#over}. The configuration's callback executor is not used. */
  public static VertxTributary over(Vertx vertx, Transport transport, ClientConfig config) {
    return new VertxTributary(new Contexts(vertx), Tributary.over(transport, direct(config)));
  }

  /** No hop to a callback thread: whatever completes hops to the caller's context by itself. */
  private static ClientConfig direct(ClientConfig config) {
    return config.toBuilder().callbackExecutor(ClientConfig.INLINE).build();
  }

  /** See {@link Tributary#stream(String)}. */
  public VertxEventStream<byte[]> stream(String name) {
    return new VertxEventStream<>(contexts, client.stream(name));
  }

  /** See {@link Tributary#stream(String, Codec)}. */
  public <T> VertxEventStream<T> stream(String name, Codec<T> codec) {
    return new VertxEventStream<>(contexts, client.stream(name, codec));
  }

  /** See {@link Tributary#consumer(StreamSelection, ConsumerOptions)}. Listeners are called on the caller's context, and not waited for. */
  public VertxStreamsConsumer<byte[]> consumer(StreamSelection streams, ConsumerOptions options) {
    return consumer(streams, Codecs.bytes(), options);
  }

  /** See {@link Tributary#consumer(StreamSelection, Codec, ConsumerOptions)}. Listeners are called on the caller's context, and not waited for. */
  public <T> VertxStreamsConsumer<T> consumer(StreamSelection streams, Codec<T> codec, ConsumerOptions options) {
    StreamSelection onContext =
        streams
            .toBuilder()
            .onJoined(contexts.listener(streams.onJoined()))
            .onLeft(contexts.listener(streams.onLeft()))
            .onRefreshFailed(contexts.listener(streams.onRefreshFailed()))
            .build();
    return new VertxStreamsConsumer<>(contexts, client.consumer(onContext, codec, contexts.options(options)));
  }

  /** See {@link Tributary#queue(String)}. */
  public VertxJobQueue<byte[]> queue(String name) {
    return new VertxJobQueue<>(contexts, client.queue(name));
  }

  /** See {@link Tributary#queue(String, Codec)}. */
  public <T> VertxJobQueue<T> queue(String name, Codec<T> codec) {
    return new VertxJobQueue<>(contexts, client.queue(name, codec));
  }

  /** See {@link Tributary#keyValue(String)}. */
  public VertxKeyValueStore<byte[]> keyValue(String name) {
    return new VertxKeyValueStore<>(contexts, client.keyValue(name));
  }

  /** See {@link Tributary#keyValue(String, Codec)}. */
  public <T> VertxKeyValueStore<T> keyValue(String name, Codec<T> codec) {
    return new VertxKeyValueStore<>(contexts, client.keyValue(name, codec));
  }

  /** See {@link Tributary#schemas()}. */
  public VertxSchemas schemas() {
    return new VertxSchemas(contexts, client.schemas());
  }

  /** See {@link Tributary#traces()}. */
  public VertxTraces traces() {
    return new VertxTraces(contexts, client.traces());
  }

  /** See {@link Tributary#access()}. */
  public VertxAccess access() {
    return new VertxAccess(contexts, client.access());
  }

  /** See {@link Tributary#cluster()}. */
  public VertxCluster cluster() {
    return new VertxCluster(contexts, client.cluster());
  }

  /** See {@link Tributary#admin()}. */
  public VertxAdmin admin() {
    return new VertxAdmin(contexts, client.admin());
  }

  /** See {@link Tributary#health()}. */
  public VertxHealth health() {
    return new VertxHealth(contexts, client.health());
  }

  /** See {@link Tributary#transaction()}. */
  public Future<VertxTransaction> transaction() {
    return transaction(TransactionOptions.DEFAULT);
  }

  /** See {@link Tributary#transaction(TransactionOptions)}. */
  public Future<VertxTransaction> transaction(TransactionOptions options) {
    return contexts.future(client.transaction(options)).map(transaction -> new VertxTransaction(contexts, transaction));
  }

  /** See {@link Tributary#inTransaction(Function)}. The work runs on the caller's context. */
  public <R> Future<R> inTransaction(Function<? super VertxTransaction, ? extends Future<R>> work) {
    return inTransaction(TransactionOptions.DEFAULT, work);
  }

  /** See {@link Tributary#inTransaction(TransactionOptions, Function)}. The work runs on the caller's context. */
  public <R> Future<R> inTransaction(TransactionOptions options, Function<? super VertxTransaction, ? extends Future<R>> work) {
    Function<VertxTransaction, ? extends CompletionStage<R>> onContext = contexts.handler(work);
    return contexts.future(
        client.<R>inTransaction(options, transaction -> onContext.apply(new VertxTransaction(contexts, transaction))));
  }

  /** See {@link Tributary#capabilities()}. */
  public Set<Capability> capabilities() {
    return client.capabilities();
  }

  /** See {@link Tributary#config()}. */
  public ClientConfig config() {
    return client.config();
  }

  /** See {@link Tributary#closeAsync()}. */
  public Future<Void> close() {
    return contexts.future(client.closeAsync());
  }

  /** See {@link Tributary#closeAsync(Duration)}. */
  public Future<Void> close(Duration within) {
    return contexts.future(client.closeAsync(within));
  }
}
