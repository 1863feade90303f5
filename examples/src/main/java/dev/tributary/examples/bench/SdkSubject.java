package dev.tributary.examples.bench;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.Tributary;
import dev.tributary.queue.Job;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** The SDK as a user of Java futures has it. */
final class SdkSubject implements Subject {
  private final Tributary client;
  private final EventStream<byte[]> stream;
  private final EventPublisher<byte[]> publisher;
  private final JobQueue<byte[]> queue;
  private final KeyValueStore<byte[]> store;
  private final byte[] payload;

  SdkSubject(Tributary client, byte[] payload) {
    this.client = client;
    this.payload = payload;
    this.stream = client.stream(Names.STREAM);
    this.publisher = stream.publisher();
    this.queue = client.queue(Names.QUEUE);
    this.store = client.keyValue(Names.STORE);
  }

  @Override
  public String name() {
    return "tributary";
  }

  @Override
  public CompletionStage<?> publishOne() {
    return stream.publish(Event.of(payload));
  }

  @Override
  public CompletionStage<?> publishBatch() {
    CompletableFuture<?>[] confirmed = new CompletableFuture<?>[BATCH];
    for (int i = 0; i < BATCH; i++) {
      confirmed[i] = publisher.publish(Event.of(payload));
    }
    return CompletableFuture.allOf(confirmed);
  }

  @Override
  public CompletionStage<?> read() {
    return stream.read(0, 0, BATCH);
  }

  @Override
  public CompletionStage<?> subscribe(int messages) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    stream
        .subscribe(SubscribeOptions.from(StartAt.earliest()))
        .subscribe(
            new Flow.Subscriber<Message<byte[]>>() {
              private Flow.Subscription subscription;
              private int left = messages;

              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                this.subscription = subscription;
                subscription.request(messages);
              }

              @Override
              public void onNext(Message<byte[]> message) {
                if (--left == 0) {
                  subscription.cancel();
                  seen.complete(null);
                }
              }

              @Override
              public void onError(Throwable error) {
                seen.completeExceptionally(error);
              }

              @Override
              public void onComplete() {
                seen.completeExceptionally(new IllegalStateException("the subscription ended early"));
              }
            });
    return seen;
  }

  @Override
  public CompletionStage<?> enqueue() {
    return queue.enqueue(payload);
  }

  @Override
  public CompletionStage<Integer> receiveAndAck() {
    return queue
        .receive(BATCH)
        .thenCompose(
            (List<Job<byte[]>> jobs) ->
                CompletableFuture.allOf(jobs.stream().map(Job::ack).toArray(CompletableFuture[]::new))
                    .thenApply(acked -> jobs.size()));
  }

  @Override
  public CompletionStage<?> put() {
    return store.put(Names.KEY, payload);
  }

  @Override
  public CompletionStage<?> get() {
    return store.get(Names.KEY);
  }

  @Override
  public void close() {
    client.close();
  }
}
