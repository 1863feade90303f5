package dev.tributary.examples.bench;

import dev.tributary.filter.EventFilter;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.vertx.VertxEventPublisher;
import dev.tributary.vertx.VertxEventStream;
import dev.tributary.vertx.VertxJob;
import dev.tributary.vertx.VertxJobQueue;
import dev.tributary.vertx.VertxReadStream;
import dev.tributary.vertx.VertxTributary;
import dev.tributary.vertx.VertxWorker;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The SDK as a verticle has it: on the event loop, without a hop to a callback thread. */
final class VerticleSubject implements Subject {
  private final VertxTributary client;
  private final Work work;
  private final byte[] payload;
  private final AtomicInteger turn = new AtomicInteger();

  VerticleSubject(VertxTributary client, Work work) {
    this.client = client;
    this.work = work;
    this.payload = work.payload();
  }

  @Override
  public String name() {
    return "t. verticle";
  }

  @Override
  public boolean handWritten() {
    return false;
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    return switch (operation) {
      case PUBLISH_ALONE, PUBLISH_ONE -> on(client.stream(Names.STREAM), stream -> stream.publish(Event.of(payload)).toCompletionStage());
      case PUBLISH_TO_FOUR -> {
        var streams = Names.FOUR_STREAMS.stream().map(client::stream).toList();
        yield () -> streams.get(Math.floorMod(turn.getAndIncrement(), streams.size())).publish(Event.of(payload)).toCompletionStage();
      }
      case PUBLISH_ALL -> on(client.stream(Names.STREAM), stream -> stream.publishAll(Collections.nCopies(Operation.BATCH, Event.of(payload))).toCompletionStage());
      case PUBLISH_BATCHED -> on(client.stream(Names.STREAM).publisher(), this::publishBatch);
      case READ -> on(client.stream(Names.STREAM), stream -> stream.read(0, 0, Operation.BATCH).toCompletionStage());
      case READ_PAGE -> on(client.stream(Names.STREAM), stream -> stream.read(0, 0, Operation.PAGE).toCompletionStage());
      case SUBSCRIBE, SUBSCRIBE_SIDE_BY_SIDE -> on(client.stream(Names.STREAM), stream -> subscribe(stream, null, work.taken()));
      case SUBSCRIBE_FILTERED ->
          on(client.stream(Names.MIXED_STREAM), stream -> subscribe(stream, EventFilter.containing(Work.TENTH), work.takenAndWanted()));
      case ENQUEUE -> on(client.queue(Names.QUEUE), queue -> queue.enqueue(payload).toCompletionStage());
      case ENQUEUE_BATCH -> on(client.queue(Names.QUEUE), this::enqueueBatch);
      case RECEIVE_AND_ACK -> on(client.queue(Names.QUEUE), this::receiveAndAck);
      case POP_AND_ACK -> on(client.queue(Names.QUEUE), this::popAndAck);
      case PUT -> on(client.keyValue(Names.STORE), store -> store.put(Names.KEY, payload).toCompletionStage());
      case GET -> on(client.keyValue(Names.STORE), store -> store.get(Names.KEY).toCompletionStage());
    };
  }

  private static <H> Supplier<CompletionStage<?>> on(H handle, Function<H, ? extends CompletionStage<?>> call) {
    return () -> call.apply(handle);
  }

  private CompletionStage<?> publishBatch(VertxEventPublisher<byte[]> publisher) {
    List<Future<?>> confirmed = new ArrayList<>(Operation.BATCH);
    for (int i = 0; i < Operation.BATCH; i++) {
      confirmed.add(publisher.publish(Event.of(payload)));
    }
    return Future.all(confirmed).toCompletionStage();
  }

  private CompletionStage<?> subscribe(VertxEventStream<byte[]> stream, @Nullable EventFilter filter, int messages) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    VertxReadStream<Message<byte[]>> messagesRead = stream.subscribe(SubscribeOptions.builder().start(StartAt.earliest()).filter(filter).build());
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

  private CompletionStage<?> enqueueBatch(VertxJobQueue<byte[]> queue) {
    return queue.enqueueAll(Collections.nCopies(Operation.BATCH, NewJob.of(payload))).toCompletionStage();
  }

  private CompletionStage<Integer> receiveAndAck(VertxJobQueue<byte[]> queue) {
    return queue
        .receive(Operation.BATCH)
        .compose(jobs -> Future.all(jobs.stream().map(VertxJob::ack).toList()).map(acked -> jobs.size()))
        .toCompletionStage();
  }

  private CompletionStage<?> popAndAck(VertxJobQueue<byte[]> queue) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger left = new AtomicInteger(work.taken());
    VertxWorker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(work.credits()).lease(Work.LEASE).build(),
            job ->
                job.ack()
                    .onSuccess(
                        acked -> {
                          if (left.decrementAndGet() == 0) {
                            done.complete(null);
                          }
                        }));
    worker.ended().onComplete(ended -> done.completeExceptionally(early(ended.cause())));
    return done.whenComplete((acked, error) -> worker.close());
  }

  private static Throwable early(Throwable error) {
    return error != null ? error : new IllegalStateException("the worker ended early");
  }

  @Override
  public void close() {
    client.close().toCompletionStage().toCompletableFuture().join();
  }
}
