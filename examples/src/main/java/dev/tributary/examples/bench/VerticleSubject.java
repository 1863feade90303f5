package dev.tributary.examples.bench;

import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.vertx.VertxEventPublisher;
import dev.tributary.vertx.VertxEventStream;
import dev.tributary.vertx.VertxJob;
import dev.tributary.vertx.VertxJobQueue;
import dev.tributary.vertx.VertxKeyValueStore;
import dev.tributary.vertx.VertxReadStream;
import dev.tributary.vertx.VertxTributary;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The SDK as a verticle has it: on the event loop, without a hop to a callback thread. */
final class VerticleSubject implements Subject {
  private final VertxTributary client;
  private final VertxEventStream<byte[]> stream;
  private final VertxEventPublisher<byte[]> publisher;
  private final VertxJobQueue<byte[]> queue;
  private final VertxKeyValueStore<byte[]> store;
  private final byte[] payload;

  VerticleSubject(Vertx vertx, String uri, byte[] payload) {
    this.client = VertxTributary.connect(vertx, uri);
    this.payload = payload;
    this.stream = client.stream(Names.STREAM);
    this.publisher = stream.publisher();
    this.queue = client.queue(Names.QUEUE);
    this.store = client.keyValue(Names.STORE);
  }

  @Override
  public String name() {
    return "t. verticle";
  }

  @Override
  public CompletionStage<?> publishOne() {
    return stream.publish(Event.of(payload)).toCompletionStage();
  }

  @Override
  public CompletionStage<?> publishBatch() {
    List<Future<?>> confirmed = new ArrayList<>(BATCH);
    for (int i = 0; i < BATCH; i++) {
      confirmed.add(publisher.publish(Event.of(payload)));
    }
    return Future.all(confirmed).toCompletionStage();
  }

  @Override
  public CompletionStage<?> read() {
    return stream.read(0, 0, BATCH).toCompletionStage();
  }

  @Override
  public CompletionStage<?> subscribe(int messages) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    VertxReadStream<Message<byte[]>> messagesRead = stream.subscribe(SubscribeOptions.from(StartAt.earliest()));
    int[] left = {messages};
    messagesRead
        .exceptionHandler(seen::completeExceptionally)
        .handler(
            message -> {
              if (--left[0] == 0) {
                messagesRead.close();
                seen.complete(null);
              }
            });
    return seen;
  }

  @Override
  public CompletionStage<?> enqueue() {
    return queue.enqueue(payload).toCompletionStage();
  }

  @Override
  public CompletionStage<Integer> receiveAndAck() {
    return queue
        .receive(BATCH)
        .compose(jobs -> Future.all(jobs.stream().map(VertxJob::ack).toList()).map(acked -> jobs.size()))
        .toCompletionStage();
  }

  @Override
  public CompletionStage<?> put() {
    return store.put(Names.KEY, payload).toCompletionStage();
  }

  @Override
  public CompletionStage<?> get() {
    return store.get(Names.KEY).toCompletionStage();
  }

  @Override
  public void close() {
    client.close().toCompletionStage().toCompletableFuture().join();
  }
}
