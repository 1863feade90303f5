package dev.tributary.testkit.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.filter.EventFilter;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.ReadResult;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.vertx.VertxEventStream;
import dev.tributary.vertx.VertxJob;
import dev.tributary.vertx.VertxJobQueue;
import dev.tributary.vertx.VertxReadStream;
import dev.tributary.vertx.VertxStreamsConsumer;
import dev.tributary.vertx.VertxTributary;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client for verticles over the engine in memory. */
@Timeout(60)
class VertxTributaryTest {
  private final Vertx vertx = Vertx.vertx();
  private final VertxTributary client = VertxTributary.connect(vertx, "memory:?memory.private=true");

  @AfterEach
  void close() throws Exception {
    await(client.close());
    await(vertx.close());
  }

  @Test
  void aStreamFlowsWithBackPressure() throws Exception {
    VertxEventStream<String> stream = client.stream("orders", Codecs.text());
    List<String> values = IntStream.range(0, 200).mapToObj(Integer::toString).toList();
    await(stream.publishAll(values.stream().map(Event::of).toList()));
    List<String> seen = new ArrayList<>();
    Promise<Void> all = Promise.promise();
    VertxReadStream<Message<String>> messages = stream.subscribe(SubscribeOptions.from(StartAt.earliest()));
    messages
        .exceptionHandler(all::tryFail)
        .handler(
            message -> {
              seen.add(message.value());
              messages.pause();
              vertx.runOnContext(later -> messages.resume());
              if (seen.size() == values.size()) {
                all.complete();
              }
            });
    await(all.future());
    assertThat(seen).isEqualTo(values);
    await(messages.close());
  }

  @Test
  void aReadStreamOfEventsIsPublishedAsFastAsPositionsAreFetched() throws Exception {
    VertxEventStream<String> stream = client.stream("orders", Codecs.text());
    Numbers source = new Numbers(200);
    List<Long> offsets = new ArrayList<>();
    Promise<Void> end = Promise.promise();
    Promise<Void> three = Promise.promise();
    VertxReadStream<Position> positions = stream.publishFrom(source, PublisherOptions.builder().maxInFlightEvents(8).build());
    positions.pause();
    positions
        .exceptionHandler(end::tryFail)
        .endHandler(end::tryComplete)
        .handler(
            position -> {
              offsets.add(position.offset());
              if (offsets.size() == 3) {
                three.complete();
              }
            });
    positions.fetch(3);
    await(three.future());
    assertThat(source.fetched).isEqualTo(3);
    positions.resume();
    await(end.future());
    assertThat(offsets).isEqualTo(LongStream.range(0, 200).boxed().toList());
    assertThat(await(stream.read(0, 0, 200))).extracting(Message::value).isEqualTo(IntStream.range(0, 200).mapToObj(Integer::toString).toList());
    assertThat(source.contexts).as("where the source is used").containsOnly(source.contexts.iterator().next());
  }

  @Test
  void aReadStreamOfEventsIsLetGoWhenNobodyWantsPositions() throws Exception {
    Numbers source = new Numbers(200);
    Promise<Void> one = Promise.promise();
    VertxReadStream<Position> positions = client.stream("orders", Codecs.text()).publishFrom(source);
    positions.pause().handler(position -> one.tryComplete());
    positions.fetch(1);
    await(one.future());
    await(positions.close());
    assertThat(source.letGo.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void severalStreamsAreReadAsOneOnTheContextOfTheVerticle() throws Exception {
    Context verticle = vertx.getOrCreateContext();
    await(client.stream("orders.eu", Codecs.text()).publish("e"));
    Promise<String> joined = Promise.promise();
    Promise<String> handled = Promise.promise();
    Promise<VertxStreamsConsumer<String>> made = Promise.promise();
    verticle.runOnContext(
        now -> {
          StreamSelection selection =
              StreamSelection.builder()
                  .matching("orders.+")
                  .onJoined(stream -> joined.complete(stream.name() + " " + (Vertx.currentContext() == verticle)))
                  .build();
          VertxStreamsConsumer<String> consumer = client.consumer(selection, Codecs.text(), ConsumerOptions.group("g"));
          consumer.forEach(
              message -> {
                handled.complete(message.value() + " " + (Vertx.currentContext() == verticle));
                return Future.succeededFuture();
              });
          made.complete(consumer);
        });
    assertThat(await(joined.future())).isEqualTo("orders.eu true");
    assertThat(await(handled.future())).isEqualTo("e true");
    VertxStreamsConsumer<String> consumer = await(made.future());
    await(consumer.refresh());
    assertThat(consumer.assignment().values()).containsExactly(Set.of(0));
    await(consumer.close());
    assertThat(await(client.stream("orders.eu").committed("g", 0))).hasValue(1);
  }

  @Test
  void resultsComeBackToTheVerticle() throws Exception {
    Context verticle = vertx.getOrCreateContext();
    CompletableFuture<Context> completedOn = new CompletableFuture<>();
    verticle.runOnContext(
        now -> client.keyValue("latest", Codecs.text()).put("k", "v").onComplete(done -> completedOn.complete(Vertx.currentContext())));
    assertThat(completedOn.get(10, TimeUnit.SECONDS)).isSameAs(verticle);
    assertThat(await(client.keyValue("latest", Codecs.text()).get("k"))).isEqualTo(Optional.of("v"));
  }

  @Test
  void aWorkerAcksWhatSucceeds() throws Exception {
    VertxJobQueue<String> queue = client.queue("work", Codecs.text());
    await(queue.enqueueAll(List.of(NewJob.of("a"), NewJob.of("b"))));
    Promise<Void> both = Promise.promise();
    List<String> handled = new ArrayList<>();
    var worker =
        queue.worker(
            WorkerOptions.concurrency(1),
            job -> {
              handled.add(job.value());
              if (handled.size() == 2) {
                both.complete();
              }
              return Future.succeededFuture();
            });
    await(both.future());
    await(worker.close());
    assertThat(handled).containsExactly("a", "b");
    assertThat(worker.stats().acked()).isEqualTo(2);
  }

  @Test
  void jobsThatNobodyHandlesComeBack() throws Exception {
    VertxJobQueue<String> queue = client.queue("work", Codecs.text());
    await(queue.enqueueAll(List.of(NewJob.of("a"), NewJob.of("b"), NewJob.of("c"))));
    Promise<VertxJob<String>> first = Promise.promise();
    VertxReadStream<VertxJob<String>> jobs = queue.jobs();
    jobs.handler(
        job -> {
          jobs.pause();
          first.tryComplete(job);
        });
    await(first.future());
    await(jobs.close());
    List<String> rest = new ArrayList<>();
    while (rest.size() < 2) {
      for (VertxJob<String> job : await(queue.receive(5))) {
        rest.add(job.value());
        await(job.ack());
      }
    }
    assertThat(rest).containsExactlyInAnyOrder("b", "c");
    await(await(first.future()).ack());
  }

  @Test
  void aJobSaysWhatItsBackendKnowsOfIt() throws Exception {
    VertxJobQueue<String> queue = client.queue("work", Codecs.text());
    await(queue.enqueue(NewJob.builder("v").maxAttempts(7).priority(2).build()));
    VertxJob<String> job = await(queue.reserve(ReserveOptions.lease(Duration.ofHours(1)))).orElseThrow();
    assertThat(job.maxAttempts()).hasValue(7);
    assertThat(job.priority()).isEqualTo(2);
    assertThat(job.partition()).isZero();
    assertThat(job.leaseEndsWithin(Duration.ofMinutes(1))).isFalse();
    assertThat(job.leaseEndsWithin(Duration.ofHours(1))).isTrue();
    await(job.ack());
  }

  @Test
  void aJobIsInOnePartitionUnderItsProducersNumber() throws Exception {
    await(client.admin().createQueue("work", QueueConfig.builder().partitions(2).build()));
    VertxJobQueue<String> queue = client.queue("work", Codecs.text());
    ProducerSequence number = new ProducerSequence("p", 3, 7);
    int partition = await(queue.enqueue(NewJob.builder("v").partitionKey("k").producerSequence(number).build())).partition();
    assertThat(await(queue.partitions(Set.of(1 - partition)).reserve())).isEmpty();
    VertxJob<String> job = await(queue.partitions(Set.of(partition)).reserve()).orElseThrow();
    assertThat(job.partition()).isEqualTo(partition);
    assertThat(job.producer()).isEqualTo(number);
    await(job.ack());
  }

  @Test
  void theSettingsOfAQueueAreReadAndChanged() throws Exception {
    await(client.admin().createQueue("work", QueueConfig.builder().lease(Duration.ofMinutes(5)).maxAttempts(2).build()));
    await(client.admin().updateQueue("work", QueueUpdate.builder().maxAttempts(4).build()));
    QueueConfig config = await(client.admin().queueConfig("work"));
    assertThat(config.lease()).isEqualTo(Duration.ofMinutes(5));
    assertThat(config.maxAttempts()).hasValue(4);
  }

  @Test
  void aTransactionCommitsWhatTheWorkDid() throws Exception {
    VertxEventStream<String> stream = client.stream("orders", Codecs.text());
    String result =
        await(
            client.inTransaction(
                transaction -> transaction.publish(stream, Event.of("x")).map("done")));
    assertThat(result).isEqualTo("done");
    assertThat(await(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("x");
    assertThat(await(stream.read(0, 0, 10, EventFilter.containing("y")))).isEqualTo(new ReadResult<>(List.of(), 1));
  }

  @Test
  void closingLeavesTheVertxAlone() throws Exception {
    VertxTributary other = VertxTributary.connect(vertx, "memory:?memory.private=true");
    await(other.close());
    assertThat(other.stream("orders").publish(new byte[0]).toCompletionStage().toCompletableFuture())
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(ClientClosedException.class);
    assertThat(await(vertx.timer(1, TimeUnit.MILLISECONDS).map("alive"))).isEqualTo("alive");
  }

  private static <R> R await(Future<R> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Gives numbers as they are fetched, each at a turn of the event loop, as a stream of bytes does. */
  private static final class Numbers implements ReadStream<Event<String>> {
    final Set<Context> contexts = ConcurrentHashMap.newKeySet();
    final CompletableFuture<Boolean> letGo = new CompletableFuture<>();
    volatile long fetched;
    private final int count;
    private long demand;
    private int given;
    private Handler<Event<String>> handler;
    private Handler<Void> endHandler;

    Numbers(int count) {
      this.count = count;
    }

    private void used() {
      contexts.add(Vertx.currentContext());
    }

    @Override
    public ReadStream<Event<String>> handler(Handler<Event<String>> to) {
      used();
      handler = to;
      return this;
    }

    @Override
    public ReadStream<Event<String>> pause() {
      used();
      demand = 0;
      return this;
    }

    @Override
    public ReadStream<Event<String>> resume() {
      used();
      letGo.complete(handler == null);
      return this;
    }

    @Override
    public ReadStream<Event<String>> fetch(long amount) {
      used();
      fetched += amount;
      demand += amount;
      Vertx.currentContext().runOnContext(now -> give());
      return this;
    }

    private void give() {
      if (handler != null && demand > 0 && given < count) {
        demand--;
        handler.handle(Event.of(Integer.toString(given++)));
        if (given == count) {
          endHandler.handle(null);
        } else {
          Vertx.currentContext().runOnContext(now -> give());
        }
      }
    }

    @Override
    public ReadStream<Event<String>> endHandler(Handler<Void> to) {
      used();
      endHandler = to;
      return this;
    }

    @Override
    public ReadStream<Event<String>> exceptionHandler(Handler<Throwable> to) {
      used();
      return this;
    }
  }
}
