package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MemoryEngineTest extends EngineFixture {
  private final AdminTransport admin = transport.admin().orElseThrow();

  @Test
  void offersEverythingThatItDoesExactly() {
    assertThat(Set.of(Capability.values())).containsAll(transport.capabilities());
    assertThat(transport.capabilities())
        .hasSize(Capability.values().length - 3)
        .doesNotContain(Capability.STATISTICS, Capability.HEALTH_CHECKS, Capability.TRACES);
    assertThat(transport.backend()).isEqualTo("memory");
  }

  @Test
  void createsDeletesAndLists() {
    now(admin.createStream(name("s"), StreamConfig.partitions(3), deadline));
    now(admin.createQueue(name("q"), QueueConfig.DEFAULT, deadline));
    now(admin.createKeyValue(name("kv"), deadline));
    publish("a", "used");
    assertThat(now(admin.list(ResourceKind.STREAM, deadline)))
        .containsExactly(
            new ResourceInfo(ResourceKind.STREAM, name("a"), 1, time.now()),
            new ResourceInfo(ResourceKind.STREAM, name("s"), 3, time.now()));
    assertThat(error(admin.createStream(name("s"), StreamConfig.DEFAULT, deadline))).isInstanceOf(AlreadyExistsException.class);
    assertThat(error(admin.createQueue(name("q"), QueueConfig.DEFAULT, deadline))).isInstanceOf(AlreadyExistsException.class);
    assertThat(error(admin.createKeyValue(name("kv"), deadline))).isInstanceOf(AlreadyExistsException.class);
    for (ResourceKind kind : ResourceKind.values()) {
      for (ResourceInfo info : now(admin.list(kind, deadline))) {
        assertThat(info.kind()).isEqualTo(kind);
        now(admin.delete(kind, info.name(), deadline));
        assertThat(error(admin.delete(kind, info.name(), deadline))).isInstanceOf(NotFoundException.class);
      }
      assertThat(now(admin.list(kind, deadline))).isEmpty();
    }
  }

  @Test
  void withoutCreationOnFirstUseWhatIsMissingIsNotFound() {
    try (MemoryEngine strict = MemoryEngine.builder().time(time).createOnFirstUse(false).build()) {
      MemoryTransport client = strict.connect();
      assertThat(error(client.streams().orElseThrow().partitions(name("s"), deadline)))
          .isInstanceOf(NotFoundException.class)
          .satisfies(missing -> assertThat(((NotFoundException) missing).hint()).contains("admin()"));
      assertThat(error(client.queues().orElseThrow().stats(name("q"), deadline))).isInstanceOf(NotFoundException.class);
      assertThat(error(client.keyValues().orElseThrow().get(name("kv"), "k", deadline))).isInstanceOf(NotFoundException.class);
      Recorder<Message<byte[]>> recorder = new Recorder<>(EngineFixture::show);
      client.streams().orElseThrow().subscribe(new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), 1), recorder);
      assertThat(recorder.news()).containsExactly("end NotFoundException");

      now(client.admin().orElseThrow().createQueue(name("q"), QueueConfig.DEFAULT, deadline));
      now(client.queues().orElseThrow().enqueue(name("q"), List.of(NewJob.of(bytes("a"))), false, deadline));
      LeasedJob job =
          now(client.queues().orElseThrow().receive(name("q"), 1, MINUTE, Duration.ZERO, deadline)).get(0);
      now(
          client
              .queues()
              .orElseThrow()
              .settle(name("q"), List.of(new Settlement(Settlement.Kind.REJECT, job, null, null)), deadline));
      assertThat(now(client.queues().orElseThrow().deadLetters().list(name("q"), 1, deadline))).hasSize(1);
    }
  }

  @Test
  void healthIsWhatTheTestSays() {
    assertThat(now(transport.health().live(deadline))).isTrue();
    assertThat(now(transport.health().ready(deadline))).isTrue();
    engine.ready(false);
    engine.live(false);
    assertThat(now(transport.health().live(deadline))).isFalse();
    assertThat(now(transport.health().ready(deadline))).isFalse();
  }

  @Test
  void aClosedEngineTakesNoMoreClients() {
    enqueue("q", NewJob.builder(bytes("a")).delay(MINUTE).build());
    engine.close();
    assertThat(error(transport.health().live(deadline))).isInstanceOf(ClientClosedException.class);
    assertThat(error(engine.connect().health().live(deadline))).isInstanceOf(ClientClosedException.class);
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void theProviderMakesPrivateAndSharedEngines() {
    TransportProvider provider =
        ServiceLoader.load(TransportProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.schemes().contains("memory"))
            .findFirst()
            .orElseThrow();
    ClientConfig config = ClientConfig.builder("memory").time(time).build();
    Transport one = provider.open(config);
    Transport two = provider.open(config);
    put(one, "x");
    assertThat(has(one, "x")).isTrue();
    assertThat(has(two, "x")).isFalse();
    now(one.close());
    now(two.close());

    ClientConfig usual = ClientConfig.parse("memory:");
    Transport five = provider.open(usual);
    Transport six = provider.open(usual);
    Transport alone = provider.open(ClientConfig.parse("memory:?memory.private=true"));
    put(five, "MemoryEngineTest");
    assertThat(has(six, "MemoryEngineTest")).as("one engine a process").isTrue();
    assertThat(has(alone, "MemoryEngineTest")).isFalse();
    List.of(five, six, alone).forEach(transport -> now(transport.close()));
    assertThatThrownBy(() -> provider.open(ClientConfig.parse("memory:name?memory.private=true"))).isInstanceOf(InvalidRequestException.class);

    ClientConfig shared = config.toBuilder().instance("MemoryEngineTest").build();
    Transport three = provider.open(shared);
    Transport four = provider.open(shared);
    put(three, "x");
    now(three.close());
    assertThat(has(four, "x")).isTrue();
    now(four.close());
    assertThatThrownBy(() -> provider.open(config.toBuilder().endpoint("localhost", 1).build()))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> provider.open(config.toBuilder().option("speed", "high").build()))
        .isInstanceOf(InvalidRequestException.class);
  }

  private void put(Transport to, String key) {
    now(
        to.keyValues()
            .orElseThrow()
            .put(name("kv"), key, bytes("v"), dev.tributary.kv.PutOptions.DEFAULT, java.util.OptionalLong.empty(), deadline));
  }

  private boolean has(Transport in, String key) {
    return now(in.keyValues().orElseThrow().exists(name("kv"), key, deadline));
  }

  @Test
  void oneTimerServesEverything() {
    for (int i = 1; i <= 100; i++) {
      enqueue("q", NewJob.builder(bytes("a")).delay(Duration.ofSeconds(i)).ttl(Duration.ofSeconds(1000 + i)).build());
    }
    assertThat(time.pendingTimers()).isEqualTo(1);
    now(queues().purge(name("q"), deadline));
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void neverCallsOutWhileItHoldsItsLock() throws Exception {
    publish("s", "a");
    AtomicReference<Throwable> stuck = new AtomicReference<>();
    Recorder<Message<byte[]>> recorder =
        new Recorder<>(
            message -> {
              CountDownLatch free = new CountDownLatch(1);
              Thread other =
                  new Thread(
                      () -> {
                        publish("s2", "b");
                        free.countDown();
                      });
              other.setDaemon(true);
              other.start();
              try {
                if (!free.await(10, TimeUnit.SECONDS)) {
                  stuck.set(new AssertionError("the engine was locked while an observer ran"));
                }
              } catch (InterruptedException interrupted) {
                stuck.set(interrupted);
              }
              return "item";
            });
    StreamSource source =
        transport.streams().orElseThrow().subscribe(new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), 1), recorder);
    source.request(1);
    assertThat(stuck.get()).isNull();
    assertThat(recorder.news()).endsWith("item");
  }

  @Test
  void anObserverThatThrowsHarmsNobodyElse() {
    Recorder<Message<byte[]>> recorder =
        new Recorder<>(
            message -> {
              throw new IllegalStateException("a defect of the observer");
            });
    StreamSource source =
        transport.streams().orElseThrow().subscribe(new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), 1), recorder);
    source.request(10);
    assertThat(publish("s", "a").offset()).isZero();
    now(source.close());
    assertThat(recorder.news()).endsWith("end");
  }

  /** Real threads and the system's clock: no job is lost or worked on twice, no event is skipped, and no signals overlap. */
  @Test
  void manyThreadsAtOnce() throws Exception {
    int threads = 4;
    int each = 2_000;
    try (MemoryEngine busy = MemoryEngine.on(TimeSource.system())) {
      MemoryTransport client = busy.connect();
      Map<String, Integer> jobs = new ConcurrentHashMap<>();
      CountDownLatch worked = new CountDownLatch(threads * each);
      CountDownLatch read = new CountDownLatch(threads * each);
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      AtomicInteger disorder = new AtomicInteger();
      long[] next = new long[1];
      StreamSource events =
          client
              .streams()
              .orElseThrow()
              .subscribe(
                  new SubscribeSpec(name("s"), null, Set.of(), StartAt.earliest(), 1),
                  new Recorder<>(
                      message -> {
                        overlaps.addAndGet(inside.getAndIncrement());
                        disorder.addAndGet(message.offset() == next[0]++ ? 0 : 1);
                        read.countDown();
                        inside.decrementAndGet();
                        return "";
                      }));
      events.request(Long.MAX_VALUE);
      List<Source> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            ((dev.tributary.spi.PushQueueTransport) client.queues().orElseThrow())
                .open(
                    name("q"),
                    MINUTE,
                    new Recorder<>(
                        job -> {
                          jobs.merge(job.id(), 1, Integer::sum);
                          client
                              .queues()
                              .orElseThrow()
                              .settle(name("q"), List.of(new Settlement(Settlement.Kind.ACK, job, null, null)), deadline)
                              .thenAccept(
                                  outcomes -> {
                                    if (outcomes.get(0).succeeded()) {
                                      worked.countDown();
                                    }
                                  });
                          return "";
                        })));
      }
      workers.forEach(worker -> worker.request(Long.MAX_VALUE));
      List<Thread> producers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        Thread producer =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    client.streams().orElseThrow().publish(name("s"), List.of(Event.of(bytes("e"))), deadline);
                    client.queues().orElseThrow().enqueue(name("q"), List.of(NewJob.of(bytes("j"))), false, deadline);
                  }
                });
        producers.add(producer);
        producer.start();
      }
      for (Thread producer : producers) {
        producer.join();
      }
      assertThat(worked.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(read.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(jobs).hasSize(threads * each).allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
      assertThat(overlaps.get()).isZero();
      assertThat(disorder.get()).isZero();
    }
  }
}
