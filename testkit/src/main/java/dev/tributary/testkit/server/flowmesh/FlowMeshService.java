package dev.tributary.testkit.server.flowmesh;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Both sides of a FlowMesh server: which rpc is served by what, and the sockets. */
final class FlowMeshService implements Protocol.Service, ServerFaults.Listener {
  private static final int MAX_STREAMS = 1000;
  /** A client that cancels a lot is not an attack here. */
  private static final int MAX_RESETS = 1_000_000;
  private static final int CONNECTION_WINDOW = 1 << 20;

  private final Vertx vertx;
  private final ServerOptions options;
  private final GrpcFront grpc;
  private final HttpFront http;
  private final SubscribeRpc subscribe;
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
  private @Nullable HttpServer grpcServer;
  private @Nullable HttpServer httpServer;

  FlowMeshService(Vertx vertx, ServerOptions options, ServerFaults faults) {
    this.vertx = vertx;
    this.options = options;
    Metrics metrics = new Metrics();
    this.grpc = new GrpcFront(vertx, options, faults, metrics);
    Catalog catalog = new Catalog(options.transport(), options.createOnFirstUse());
    HealthRpcs health = new HealthRpcs(options.transport().health());
    StreamRpcs streams = new StreamRpcs(catalog);
    QueueRpcs queues = new QueueRpcs(catalog, options);
    KeyValueRpcs stores = new KeyValueRpcs(catalog);
    SchemaRpcs schemas = new SchemaRpcs(catalog);
    ReplayRpcs replays = new ReplayRpcs(catalog, options);
    this.subscribe = new SubscribeRpc(catalog, streams, options.time());
    HttpRoutes routes = new HttpRoutes();
    new HttpSystem(catalog, health, metrics).on(routes);
    new HttpStreams(streams).on(routes);
    new HttpQueues(queues).on(routes);
    new HttpKeyValues(stores).on(routes);
    new HttpReplays(replays).on(routes);
    this.http = new HttpFront(new HttpSite(routes, metrics), options.time());
    health(health);
    streams(streams);
    queues(queues);
    stores(stores);
    schemas(schemas);
    replays(replays);
    faults.listen(this);
  }

  private void health(HealthRpcs health) {
    grpc.unary(FlowMeshMethods.HEALTH_CHECK, false, health::healthCheck);
    grpc.unary(FlowMeshMethods.READINESS_CHECK, false, health::readinessCheck);
  }

  private void streams(StreamRpcs streams) {
    grpc.unary(FlowMeshMethods.WRITE_EVENTS, true, streams::writeEvents);
    grpc.unary(FlowMeshMethods.READ_STREAM, true, streams::readStream);
    grpc.streaming(FlowMeshMethods.SUBSCRIBE, options.authOnSubscribe(), subscribe::begin);
    grpc.unary(FlowMeshMethods.COMMIT_OFFSET, true, streams::commitOffset);
    grpc.unary(FlowMeshMethods.GET_OFFSET, true, streams::getOffset);
    grpc.unary(FlowMeshMethods.GET_LATEST_OFFSET, true, streams::getLatestOffset);
    grpc.unary(FlowMeshMethods.GET_CONSUMER_GROUP_STATE, true, streams::getConsumerGroupState);
  }

  private void queues(QueueRpcs queues) {
    grpc.unary(FlowMeshMethods.ENQUEUE, true, queues::enqueue);
    grpc.unary(FlowMeshMethods.RESERVE, true, queues::reserve, queues::giveBack);
    grpc.unary(FlowMeshMethods.RECEIVE, true, queues::receive, queues::giveBack);
    grpc.unary(FlowMeshMethods.ACK, true, queues::ack);
    grpc.unary(FlowMeshMethods.NACK, true, queues::nack);
    grpc.unary(FlowMeshMethods.GET_QUEUE_STATS, true, queues::getQueueStats);
    grpc.unary(FlowMeshMethods.SET_RETRY_POLICY, true, queues::setRetryPolicy);
    grpc.unary(FlowMeshMethods.GET_RETRY_POLICY, true, queues::getRetryPolicy);
    grpc.unary(FlowMeshMethods.LIST_DLQ_JOBS, true, queues::listDlqJobs);
    grpc.unary(FlowMeshMethods.REPLAY_DLQ_JOB, true, queues::replayDlqJob);
  }

  private void stores(KeyValueRpcs stores) {
    grpc.unary(FlowMeshMethods.SET, true, stores::set);
    grpc.unary(FlowMeshMethods.GET, true, stores::get);
    grpc.unary(FlowMeshMethods.DELETE, true, stores::delete);
    grpc.unary(FlowMeshMethods.EXISTS, true, stores::exists);
    grpc.unary(FlowMeshMethods.LIST_KEYS, true, stores::listKeys);
  }

  private void schemas(SchemaRpcs schemas) {
    grpc.unary(FlowMeshMethods.REGISTER_SCHEMA, true, schemas::registerSchema);
    grpc.unary(FlowMeshMethods.GET_SCHEMA, true, schemas::getSchema);
    grpc.unary(FlowMeshMethods.LIST_SCHEMAS, true, schemas::listSchemas);
    grpc.unary(FlowMeshMethods.DELETE_SCHEMA, true, schemas::deleteSchema);
    grpc.unary(FlowMeshMethods.SET_RESOURCE_SCHEMA, true, schemas::setResourceSchema);
  }

  private void replays(ReplayRpcs replays) {
    grpc.unary(FlowMeshMethods.CREATE_REPLAY_SESSION, true, replays::create);
    grpc.unary(FlowMeshMethods.GET_REPLAY_SESSION, true, replays::get);
    grpc.unary(FlowMeshMethods.LIST_REPLAY_SESSIONS, true, replays::list);
    grpc.unary(FlowMeshMethods.START_REPLAY, true, replays::start);
    grpc.unary(FlowMeshMethods.PAUSE_REPLAY, true, replays::pause);
    grpc.unary(FlowMeshMethods.RESUME_REPLAY, true, replays::resume);
    grpc.unary(FlowMeshMethods.STOP_REPLAY, true, replays::stop);
    grpc.unary(FlowMeshMethods.DELETE_REPLAY_SESSION, true, replays::delete);
  }

  @Override
  public Future<Protocol.Ports> listen(int port, int httpPort) {
    return listen(grpc, port)
        .compose(
            server -> {
              grpcServer = server;
              return listen(http, httpPort);
            })
        .map(
            server -> {
              httpServer = server;
              return new Protocol.Ports(Objects.requireNonNull(grpcServer).actualPort(), server.actualPort());
            })
        .recover(failed -> close().transform(closed -> Future.failedFuture(failed)));
  }

  private Future<HttpServer> listen(Handler<HttpServerRequest> handler, int port) {
    HttpServer server = vertx.createHttpServer(serverOptions(port));
    server.connectionHandler(
        connection -> {
          connections.add(connection);
          connection.closeHandler(closed -> connections.remove(connection));
        });
    return server.requestHandler(handler).listen();
  }

  private HttpServerOptions serverOptions(int port) {
    HttpServerOptions settings =
        new HttpServerOptions()
            .setHost(options.host())
            .setPort(port)
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
            .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(MAX_STREAMS))
            .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS);
    if (options.certificate() != null && options.key() != null) {
      settings
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(new PemKeyCertOptions().addCertPath(options.certificate().toString()).addKeyPath(options.key().toString()));
    }
    if (options.clientCa() != null) {
      settings.setClientAuth(ClientAuth.REQUIRED).setTrustOptions(new PemTrustOptions().addCertPath(options.clientCa().toString()));
    }
    return settings;
  }

  @Override
  public Future<Void> close() {
    Future<Void> first = grpcServer == null ? Future.succeededFuture() : grpcServer.close();
    Future<Void> second = httpServer == null ? Future.succeededFuture() : httpServer.close();
    grpcServer = null;
    httpServer = null;
    return Future.join(first, second).mapEmpty();
  }

  @Override
  public String uri(String host, Protocol.Ports ports) {
    String address = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    boolean secure = options.certificate() != null;
    return "flowmesh://"
        + address
        + ":"
        + ports.main()
        + "?flowmesh.http="
        + address
        + ":"
        + ports.http()
        + (secure ? "&tls=true" : "");
  }

  @Override
  public void inBand(int status) {
    subscribe.inBand(status);
  }

  @Override
  public void goAway() {
    connections.forEach(connection -> connection.shutdown());
  }
}
