package dev.tributary.examples.bench;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import dev.tributary.queue.NewJob;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Measures each operation of the SDK beside the same call written by hand on Vert.x gRPC and on grpc-java: in turns, in one run,
 * against one server in a process of its own, and prints medians and ratios. System properties: {@code uri} (default: a server is
 * started), {@code seconds} of each measurement (default 2), {@code rounds} (default 3), {@code inflight} (default 64), {@code only}
 * (an operation's name).
 */
public final class BenchMain {
  private static final int PAYLOAD_BYTES = 256;
  private static final int SUBSCRIBED = 20_000;

  private final double seconds = Double.parseDouble(setting("seconds", "2"));
  private final int rounds = Integer.parseInt(setting("rounds", "3"));
  private final int inFlight = Integer.parseInt(setting("inflight", "64"));
  private final String only = setting("only", "");
  private final byte[] payload = new byte[PAYLOAD_BYTES];

  private BenchMain() {
    Arrays.fill(payload, (byte) 'x');
  }

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    new BenchMain().run();
  }

  private void run() throws Exception {
    System.out.printf(
        Locale.ROOT,
        "%d bytes a payload, %d calls in flight, one connection each, medians of %d rounds of %.1f s%n%n",
        PAYLOAD_BYTES, inFlight, rounds, seconds);
    System.out.printf(
        "%-16s %-12s %12s %10s %10s %10s   %s%n", "operation", "client", "ops/s", "p50 us", "p99 us", "bytes/op", "throughput is");
    for (Case measured : cases()) {
      if (only.isEmpty() || only.equals(measured.name)) {
        measure(measured);
      }
    }
  }

  private record Case(String name, int unitsPerCall, int inFlight, Run run, Preparation preparation) {}

  private interface Run {
    CompletionStage<?> start(Subject subject);
  }

  /** Fills what a round empties; nothing by default. */
  private interface Preparation {
    void before(Tributary client, double seconds);
  }

  private List<Case> cases() {
    Preparation none = (client, s) -> {};
    return List.of(
        new Case("publish one", 1, inFlight, Subject::publishOne, none),
        new Case("publish batched", Subject.BATCH, 16, Subject::publishBatch, none),
        new Case("read", Subject.BATCH, 16, Subject::read, this::fillStream),
        new Case("subscribe", SUBSCRIBED, 1, subject -> subject.subscribe(SUBSCRIBED), this::fillStream),
        new Case("enqueue", 1, inFlight, Subject::enqueue, none),
        new Case("receive+ack", Subject.BATCH, 1, Subject::receiveAndAck, this::fillQueue),
        new Case("put", 1, inFlight, Subject::put, none),
        new Case("get", 1, inFlight, Subject::get, (client, s) -> client.keyValue(Names.STORE).put(Names.KEY, payload).join()));
  }

  private void measure(Case measured) throws Exception {
    String given = System.getProperty("uri", "");
    try (ServerProcess server = given.isEmpty() || given.equals("flowmesh:") ? ServerProcess.start() : null) {
      String uri = server == null ? given : server.uri();
      ClientConfig config = ClientConfig.parse(uri);
      Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true).setEventLoopPoolSize(2));
      List<Subject> subjects = new ArrayList<>();
      subjects.add(new SdkSubject(Tributary.connect(config), payload));
      if (config.backend().equals("flowmesh")) {
        Endpoint endpoint = config.endpoints().get(0).orPort(50051);
        subjects.add(new VerticleSubject(vertx, uri, payload));
        subjects.add(new VertxSubject(vertx, endpoint.host(), endpoint.port(), payload));
        subjects.add(new GrpcJavaSubject(endpoint.host(), endpoint.port(), payload));
      }
      Map<Subject, List<Measure>> measures = new LinkedHashMap<>();
      try (Tributary filler = Tributary.connect(config)) {
        for (int round = -1; round < rounds; round++) {
          for (Subject subject : subjects) {
            double length = round < 0 ? Math.min(seconds, 1) : seconds;
            measured.preparation.before(filler, length);
            Measure measure =
                Load.run(() -> measured.run.start(subject), measured.unitsPerCall, measured.inFlight, length);
            if (round >= 0) {
              measures.computeIfAbsent(subject, s -> new ArrayList<>()).add(measure);
            }
          }
        }
      } finally {
        subjects.forEach(Subject::close);
      }
      print(measured.name, measures);
    }
  }

  /** Each of the SDK's two faces beside both hand-written clients. */
  private static void print(String operation, Map<Subject, List<Measure>> measures) {
    Map<String, Double> rates = new LinkedHashMap<>();
    measures.forEach((subject, runs) -> rates.put(subject.name(), Measure.median(runs).perSecond()));
    String name = operation;
    for (Map.Entry<Subject, List<Measure>> entry : measures.entrySet()) {
      Measure median = Measure.median(entry.getValue());
      System.out.printf(
          Locale.ROOT,
          "%-16s %-12s %,12.0f %10.0f %10.0f %10.0f   %s%n",
          name,
          entry.getKey().name(),
          median.perSecond(),
          median.p50Micros(),
          median.p99Micros(),
          median.bytesPerOperation(),
          entry.getKey() instanceof SdkSubject || entry.getKey() instanceof VerticleSubject
              ? ratios(median.perSecond(), rates)
              : "");
      name = "";
    }
  }

  private static String ratios(double rate, Map<String, Double> rates) {
    StringBuilder text = new StringBuilder();
    for (String other : List.of(VertxSubject.NAME, GrpcJavaSubject.NAME)) {
      if (rates.containsKey(other)) {
        text.append(String.format(Locale.ROOT, "%.2f of %s  ", rate / rates.get(other), other));
      }
    }
    return text.toString();
  }

  private void fillStream(Tributary client, double length) {
    long stored = client.stream(Names.STREAM).latestOffset(0).handle((last, missing) -> missing == null ? last.orElse(-1) + 1 : 0).join();
    if (stored >= SUBSCRIBED) {
      return;
    }
    try (var publisher = client.stream(Names.STREAM).publisher()) {
      CompletableFuture<?>[] all = new CompletableFuture<?>[5000];
      for (int done = 0; done < SUBSCRIBED; done += all.length) {
        for (int i = 0; i < all.length; i++) {
          all[i] = publisher.publish(payload);
        }
        CompletableFuture.allOf(all).join();
      }
    }
  }

  private void fillQueue(Tributary client, double length) {
    int jobs = (int) (length * 20_000);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      all.add(client.queue(Names.QUEUE).enqueue(NewJob.of(payload)));
      if (all.size() == 256) {
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        all.clear();
      }
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
  }

  private static String setting(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isEmpty() ? otherwise : value;
  }
}
