// The dashboard's words, Korean and English.
const KO = {
  doorTitle: "토큰을 넣어 주세요", doorHelp: "이 서버는 토큰이 있어야 볼 수 있어요. 이 탭을 닫으면 지워져요.",
  token: "AISERVER_TOKEN", open: "열기", wrongToken: "토큰이 달라요. 다시 넣어 주세요.",
  jobs: "작업", lanes: "대기 줄", workers: "일꾼", machine: "이 컴퓨터", stepTimes: "단계별 시간",
  noJobs: "아직 맡은 작업이 없어요. POST /generate로 첫 광고를 맡겨 보세요.",
  pending: "기다려요", running: "만들어요", completed: "다 됐어요", failed: "만들다 멈췄어요", stopped: "멈췄어요",
  ad: "광고", edit: "그림 고치기", cutout: "배경 지우기", render: "글자 앉히기", analyze: "그림 살피기", clip_score: "그림과 문구 재기",
  segment: "배경 지우기", background: "배경 그리기", composite: "상품 앉히기", refine: "다듬기", self_check: "다시 보기", analyse: "그림 살피기",
  design: "글자 자리", export: "파일 내보내기", self_check: "그림 다시 보기", look: "그림 살피기", locate: "자리 찾기", check: "다시 보기",
  finish: "마무리",
  heavy: "그림 그리기", light: "가벼운 일", working: "하는 중", free: "빈자리", turn: "{0}번째",
  waits: "{0}개 기다려요 · 약 {1}", nothingWaits: "바로 시작해요", andMore: "그 뒤로 {0}개 더 있어요",
  alive: "일할 수 있어요", silent: "{0} 동안 소식이 없어요",
  inVram: "GPU에 올라온 모델: {0}", inHost: "메모리에서 기다리는 모델: {0}",
  engineOf: "{0} 엔진 · 프로세스 {1}", cpu: "CPU", memory: "메모리", of: "{0}GB 중 {1}GB", noGpu: "GPU 없이 돌고 있어요",
  left: "약 {0} 남았어요", soon: "곧 끝나요", total: "모두 {0}개", asOf: "{0} 기준",
  noWorkers: "일꾼이 없어 작업이 기다리고 있어요. nanococoa serve나 nanococoa worker를 켜 주세요.",
  allQuiet: "광고를 만들 준비가 됐어요.", busy: "지금 작업 {0}개를 하고 있어요.",
  busyWaiting: "작업 {0}개를 하고, {1}개가 기다리고 있어요.",
  lost: "서버와 연결이 끊겼어요. 다시 이어지면 알아서 새로 보여 드려요.",
  second: "초", minute: "분",
};
const EN = {
  doorTitle: "Enter the token", doorHelp: "This server asks for a token. It is forgotten when this tab is closed.",
  token: "AISERVER_TOKEN", open: "Open", wrongToken: "That token is not the one. Try again.",
  jobs: "Jobs", lanes: "Lanes", workers: "Workers", machine: "Machine", stepTimes: "Seconds by step",
  noJobs: "No jobs yet. Ask for a first ad with POST /generate.",
  pending: "Waiting", running: "Being made", completed: "Done", failed: "Stopped on the way", stopped: "Stopped",
  ad: "Ad", edit: "Edit", cutout: "Cut-out", render: "Text", analyze: "Analysis", clip_score: "CLIP score",
  segment: "cut-out", background: "background", composite: "composite", refine: "refine", self_check: "self-check", analyse: "analyse",
  design: "design", export: "export", self_check: "self-check", look: "look", locate: "locate", check: "check", finish: "finish",
  heavy: "Painting", light: "Light work", working: "working", free: "free", turn: "no. {0}",
  waits: "{0} waiting · about {1}", nothingWaits: "starts at once", andMore: "and {0} more behind",
  alive: "ready", silent: "silent for {0}",
  inVram: "On the GPU: {0}", inHost: "Waiting in memory: {0}",
  engineOf: "{0} engine · process {1}", cpu: "CPU", memory: "Memory", of: "{1} of {0} GB", noGpu: "Running without a GPU",
  left: "about {0} left", soon: "nearly done", total: "{0} in all", asOf: "as of {0}",
  noWorkers: "No worker is running, so jobs wait. Start nanococoa serve or nanococoa worker.",
  allQuiet: "Ready to make ads.", busy: "{0} at work now.", busyWaiting: "{0} at work, {1} waiting.",
  lost: "The connection to the server is lost. This page goes on by itself when it is back.",
  second: " s", minute: " min",
};

// A function that says a key with values put in; its language is Korean unless the browser speaks English first.
export function words(preferred) {
  const english = preferred.toLowerCase().startsWith("en");
  const book = english ? EN : KO;
  const say = (key, ...values) => (book[key] ?? key).replace(/\{(\d)\}/g, (_, place) => values[place]);
  say.language = english ? "en" : "ko";
  say.seconds = (seconds) => {
    if (seconds >= 90) return `${Math.round(seconds / 60)}${book.minute}`;
    const digits = seconds < 1 ? 2 : seconds < 10 ? 1 : 0;
    return `${seconds.toFixed(digits)}${book.second}`;
  };
  say.time = (stamp) => new Date(stamp).toLocaleTimeString(say.language, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  return say;
}
