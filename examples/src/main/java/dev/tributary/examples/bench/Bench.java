package dev.tributary.examples.bench;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import dev.tributary.examples.program.Waiting;
import dev.tributary.vertx.VertxTributary;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Runs every operation on every subject, in turns, against one server for each operation. */
final class Bench {
  private final Settings settings;
  private final Work work;

  Bench(Settings settings) {
    this.settings = settings;
    this.work = Work.of(settings.payloadBytes(), settings.inFlight(), settings.taken());
  }

  /** Measures, and tells of each operation when it is done. */
  void run(Consumer<Comparison> measured) throws IOException {
    for (Backend backend : settings.backends()) {
      Map<Operation, Comparison> ofBackend = new EnumMap<>(Operation.class);
      for (Operation operation : backend.operations()) {
        if (settings.only() == null || settings.only().equals(operation.label())) {
          Comparison comparison = new Comparison(backend, operation, ofBackend.get(operation.oneByOne()));
          measure(comparison, backend, operation);
          ofBackend.put(operation, comparison);
          measured.accept(comparison);
        }
      }
    }
  }

  private void measure(Comparison comparison, Backend backend, Operation operation) throws IOException {
    String given = settings.uri();
    // The figures of an operation are not to depend on those before it, so each has a server of its own.
    try (ServerProcess server = given == null ? ServerProcess.start(backend.name()) : null) {
      measure(comparison, backend, operation, server == null ? given : server.uri());
    }
  }

  private void measure(Comparison comparison, Backend backend, Operation operation, String uri) {
    Endpoint endpoint = ClientConfig.parse(uri).endpoints().get(0).orPort(backend.defaultPort());
    Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true).setEventLoopPoolSize(2));
    List<Subject> subjects = new ArrayList<>();
    try (Tributary supplier = Tributary.connect(uri)) {
      subjects.add(new FutureSubject(Tributary.connect(operation.uri(uri)), work));
      subjects.add(new VerticleSubject(connectOnItsLoop(vertx, operation.uri(uri)), work));
      subjects.addAll(backend.handWritten(vertx, endpoint, work));
      Waiting.forAnswer(supplier);
      for (int round = -settings.warmUps(); round < settings.rounds(); round++) {
        boolean warmUp = round < 0;
        for (Subject subject : subjects) {
          Measure measure = measure(operation, subject, supplier);
          if (!warmUp) {
            comparison.add(subject, measure);
          }
        }
      }
    } finally {
      subjects.forEach(Subject::close);
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  /** As a verticle does it: the connections are on the event loop of who makes the client. */
  private static VertxTributary connectOnItsLoop(Vertx vertx, String uri) {
    Context loop = vertx.getOrCreateContext();
    return CompletableFuture.supplyAsync(() -> VertxTributary.connect(vertx, uri), task -> loop.runOnContext(now -> task.run())).join();
  }

  private Measure measure(Operation operation, Subject subject, Tributary supplier) {
    long stock = operation.stock().lay(supplier, work, settings.seconds());
    return Load.run(
        subject.calls(operation),
        operation.unitsPerCall(work),
        operation.inFlight(settings.inFlight()),
        stock / operation.unitsPerCall(work),
        settings.seconds());
  }
}
