"""Hold the sentences of the consent notice in Portuguese, as it is written in Brazil.

English -> Portuguese, all or none: a notice is never half in another language. Once shown, these
are the bytes of evidence; a change gives every later notice another digest.
"""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "Who asks": "Quem pede",
    "{publisher} asks you.": "{publisher} pergunta a você.",
    "These would use it:": "Quem usaria os dados:",
    "{name} ({team}), in {country}": "{name} ({team}), em {country}",
    "Only {publisher} itself would use it.": "Só {publisher} usaria os dados.",
    "What for": "Para quê",
    "It works something out about you from these details. This is called profiling.": "A partir destes dados se deduz algo sobre você. Isso se chama criação de perfil.",
    "Some of this is specially protected by law, so it needs your explicit yes.": "Uma parte tem proteção especial por lei, por isso precisa do seu sim explícito.",
    "Your explicit yes": "Seu sim explícito",
    "I agree that {publisher} uses these details about me for “{clause}”: {fields}.": "Concordo que {publisher} use estes dados sobre mim para “{clause}”: {fields}.",
    "What it uses": "O que usa",
    "Needed: it does not work without these": "Necessários: não funciona sem estes",
    "Optional: it works without these": "Opcionais: funciona sem estes",
    "Held:": "Temos:",
    "Specially protected": "Com proteção especial por lei",
    "Sensitive": "Sensível",
    "Until when": "Até quando",
    "Until {duration} after you allow it. It ends by itself.": "Até {duration} depois que você permitir. Termina por si só.",
    "You can stop it earlier at any time, on the page “What I allow”, in one step.": "Você pode parar antes a qualquer momento, na página “O que eu permito”, em um só passo.",
    "If you do not allow it": "Se você não permitir",
    "What you get": "O que você recebe",
    "For this you get: {benefit}": "Por isto você recebe: {benefit}",
    "For this, together with {others}, you get: {benefit}": "Por isto, junto com {others}, você recebe: {benefit}",
    "You get each of these for its details alone. If you leave one out, nothing else changes.": "Você recebe cada um destes só pelos seus dados. Se você deixar um de fora, nada mais muda.",
    "The rule behind it": "A regra por trás",
    "“{clause}” in the code of ethics, version {version}": "“{clause}” no código de ética, versão {version}",
    "Your choices, in this order:": "Suas escolhas, nesta ordem:",
    "Nothing is chosen beforehand.": "Nada está escolhido de antemão.",
    "each detail on its own": "cada dado separadamente",
    "the sentence of your explicit yes": "a frase do seu sim explícito",
    "Allow": "Permitir",
    "Do not allow": "Não permitir",
    "Decide later": "Decidir mais tarde",
    "{count} year": "{count} ano",
    "{count} years": "{count} anos",
    "{count} month": "{count} mês",
    "{count} months": "{count} meses",
    "{count} day": "{count} dia",
    "{count} days": "{count} dias",
    "{first} and {second}": "{first} e {second}",
}
