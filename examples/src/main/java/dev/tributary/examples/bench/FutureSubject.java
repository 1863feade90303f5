package dev.tributary.examples.bench;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.filter.EventFilter;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The SDK as a user of Java futures has it. */
final class FutureSubject implements Subject {
  private final Tributary client;
  private final Work work;
  private final byte[] payload;
  private final AtomicInteger turn = new AtomicInteger();

  FutureSubject(Tributary client, Work work) {
    this.client = client;
    this.work = work;
    this.payload = work.payload();
  }

  @Override
  public String name() {
    return "tributary";
  }

  @Override
  public boolean handWritten() {
    return false;
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    return switch (operation) {
      case PUBLISH_ALONE, PUBLISH_ONE -> on(client.stream(Names.STREAM), stream -> stream.publish(Event.of(payload)));
      case PUBLISH_TO_FOUR -> {
        var streams = Names.FOUR_STREAMS.stream().map(client::stream).toList();
        yield () -> streams.get(Math.floorMod(turn.getAndIncrement(), streams.size())).publish(Event.of(payload));
      }
      case PUBLISH_ALL -> on(client.stream(Names.STREAM), stream -> stream.publishAll(Collections.nCopies(Operation.BATCH, Event.of(payload))));
      case PUBLISH_BATCHED -> on(client.stream(Names.STREAM).publisher(), this::publishBatch);
      case READ -> on(client.stream(Names.STREAM), stream -> stream.read(0, 0, Operation.BATCH));
      case READ_PAGE -> on(client.stream(Names.STREAM), stream -> stream.read(0, 0, Operation.PAGE));
      case SUBSCRIBE, SUBSCRIBE_SIDE_BY_SIDE -> on(client.stream(Names.STREAM), stream -> subscribe(stream, null, work.taken()));
      case SUBSCRIBE_FILTERED ->
          on(client.stream(Names.MIXED_STREAM), stream -> subscribe(stream, EventFilter.containing(Work.TENTH), work.takenAndWanted()));
      case ENQUEUE -> on(client.queue(Names.QUEUE), queue -> queue.enqueue(payload));
      case ENQUEUE_BATCH -> on(client.queue(Names.QUEUE), this::enqueueBatch);
      case RECEIVE_AND_ACK -> on(client.queue(Names.QUEUE), this::receiveAndAck);
      case POP_AND_ACK -> on(client.queue(Names.QUEUE), this::popAndAck);
      case PUT -> on(client.keyValue(Names.STORE), store -> store.put(Names.KEY, payload));
      case GET -> on(client.keyValue(Names.STORE), store -> store.get(Names.KEY));
    };
  }

  private static <H> Supplier<CompletionStage<?>> on(H handle, Function<H, ? extends CompletionStage<?>> call) {
    return () -> call.apply(handle);
  }

  private CompletionStage<?> publishBatch(EventPublisher<byte[]> publisher) {
    CompletableFuture<?>[] confirmed = new CompletableFuture<?>[Operation.BATCH];
    for (int i = 0; i < Operation.BATCH; i++) {
      confirmed[i] = publisher.publish(Event.of(payload));
    }
    return CompletableFuture.allOf(confirmed);
  }

  private CompletionStage<?> subscribe(EventStream<byte[]> stream, @Nullable EventFilter filter, int messages) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    stream
        .subscribe(SubscribeOptions.builder().start(StartAt.earliest()).filter(filter).build())
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

  private CompletionStage<?> enqueueBatch(JobQueue<byte[]> queue) {
    return queue.enqueueAll(Collections.nCopies(Operation.BATCH, NewJob.of(payload)));
  }

  private CompletionStage<Integer> receiveAndAck(JobQueue<byte[]> queue) {
    return queue
        .receive(Operation.BATCH)
        .thenCompose(
            (List<Job<byte[]>> jobs) ->
                CompletableFuture.allOf(jobs.stream().map(Job::ack).toArray(CompletableFuture[]::new))
                    .thenApply(acked -> jobs.size()));
  }

  private CompletionStage<?> popAndAck(JobQueue<byte[]> queue) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger left = new AtomicInteger(work.taken());
    Worker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(work.credits()).lease(Work.LEASE).build(),
            job ->
                job.ack()
                    .thenRun(
                        () -> {
                          if (left.decrementAndGet() == 0) {
                            done.complete(null);
                          }
                        }));
    worker.ended().whenComplete((ended, error) -> done.completeExceptionally(early(error)));
    return done.whenComplete((acked, error) -> worker.closeAsync());
  }

  private static Throwable early(Throwable error) {
    return error != null ? error : new IllegalStateException("the worker ended early");
  }

  @Override
  public void close() {
    client.close();
  }
}
