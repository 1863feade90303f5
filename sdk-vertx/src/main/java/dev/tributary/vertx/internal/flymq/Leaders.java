package dev.tributary.vertx.internal.flymq;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.KeyHash;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who leads the partitions of topics, as one node said: asked once, and again when it turns out to be wrong. What is about a topic waits for the answer in
 * the order in which it came. Leaders whom the configuration does not name count as unknown. Thread-safe.
 */
final class Leaders {
  private static final int MOST = 10_000;

  private final Addresses addresses;
  private final Function<String, CompletableFuture<Answers.Cluster>> ask;
  private final Map<String, Led> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Led> eldest) {
          return size() > MOST;
        }
      };
  private final Map<String, Deque<CompletableFuture<Led>>> waiting = new HashMap<>();

  /** {@code ask} asks any node about a topic, and ends by itself. */
  Leaders(Addresses addresses, Function<String, CompletableFuture<Answers.Cluster>> ask) {
    this.addresses = addresses;
    this.ask = ask;
  }

  /** The leaders of a topic; those of partitions that are not in it are not known. */
  private record Led(Map<Integer, Endpoint> leaders, int partitions) {
    static final Led NOBODY = new Led(Map.of(), 0);

    @Nullable Endpoint leader(Message request) {
      return partitions == 0 ? null : leaders.get(partition(request, partitions));
    }
  }

  /** The topic of a request that is better made where its partition is led; null for any other. */
  static @Nullable String topic(Message request) {
    if (request instanceof Requests.Fetch fetch) {
      return fetch.topic();
    } else if (request instanceof Requests.Subscribe subscribe) {
      return subscribe.topic();
    }
    return request instanceof Requests.Produce produce && (produce.partition() >= 0 || produce.key().length > 0) ? produce.topic() : null;
  }

  private static int partition(Message request, int partitions) {
    if (request instanceof Requests.Fetch fetch) {
      return fetch.partition();
    } else if (request instanceof Requests.Subscribe subscribe) {
      return subscribe.partition();
    }
    Requests.Produce produce = (Requests.Produce) request;
    return produce.partition() >= 0 ? produce.partition() : KeyHash.partition(produce.key(), partitions);
  }

  /** Makes a call where its partition is led; {@code call} is told null if that is not known. */
  <R> CompletableFuture<R> at(String topic, Message request, Function<@Nullable Endpoint, CompletableFuture<R>> call) {
    CompletableFuture<Led> led;
    boolean first;
    synchronized (this) {
      Deque<CompletableFuture<Led>> others = waiting.get(topic);
      Led answer = others == null ? known.get(topic) : null;
      if (answer != null) {
        return call.apply(answer.leader(request));
      }
      first = others == null;
      led = new CompletableFuture<>();
      waiting.computeIfAbsent(topic, asked -> new ArrayDeque<>()).add(led);
    }
    CompletableFuture<R> whole = Steps.then(led, answer -> call.apply(answer.leader(request)));
    if (first) {
      ask.apply(topic).whenComplete((cluster, error) -> answered(topic, cluster, error));
    }
    return whole;
  }

  /** Whoever came meanwhile comes before those that come now. */
  private void answered(String topic, Answers.@Nullable Cluster cluster, @Nullable Throwable error) {
    Led led = cluster == null ? Led.NOBODY : led(topic, cluster);
    while (true) {
      CompletableFuture<Led> next;
      synchronized (this) {
        next = waiting.get(topic).poll();
        if (next == null) {
          waiting.remove(topic);
          if (error == null || !passes(Steps.unwrap(error))) {
            known.put(topic, led);
          }
          return;
        }
      }
      next.complete(led);
    }
  }

  /** Whether the next may hear something else, if only because it is made by then. */
  private static boolean passes(Throwable error) {
    return error instanceof NotFoundException || error instanceof ConnectionFailedException || error instanceof DeadlineExceededException;
  }

  private Led led(String topic, Answers.Cluster cluster) {
    List<Answers.Partition> partitions =
        cluster.topics().stream().filter(one -> one.name().equals(topic)).findFirst().map(Answers.Topic::partitions).orElse(List.of());
    Map<Integer, Endpoint> leaders = new HashMap<>();
    partitions.stream()
        .filter(Answers.Partition::leads)
        .forEach(one -> addresses.configured(one.address()).ifPresent(leader -> leaders.put(one.partition(), leader)));
    return new Led(leaders, partitions.size());
  }

  /** It turned out to be wrong. */
  synchronized void forget(String topic) {
    known.remove(topic);
  }
}
